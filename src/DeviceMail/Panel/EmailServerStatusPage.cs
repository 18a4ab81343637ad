using DeviceMail.Accounts;
using DeviceMail.EmailServer;
using DeviceMail.Printing;
using DeviceMail.Web;

namespace DeviceMail.Panel;

/// <param name="Shell">What stands around.</param>
/// <param name="Line">How the account stands; null: there is no account.</param>
/// <param name="Account">Its settings.</param>
public sealed record EmailServerStatusModel(PanelShell Shell, AccountLine? Line, Account? Account)
{
    /// <summary>The other accounts, to choose from.</summary>
    public IReadOnlyList<Account> Accounts { get; init; } = [];

    public DateTimeOffset? LastSent { get; init; }

    public IReadOnlyList<(string Label, string Value)> Settings => Account is not { } account || Line is not { } line ? [] :
    [
        ("Authentication Method", StatusSheet.MethodOf(account)),
        ("Email service", line.Service),
        ("SMTP Server Address", account.Host),
        ("SMTP Server Port Number", $"{account.Port}"),
        ("Secure Connection", StatusSheet.SecurityOf(account)),
    ];

    /// <summary>Moments of the sign-in and of sending.</summary>
    public IReadOnlyList<(string Label, string Value)> Moments
    {
        get
        {
            var rows = new List<(string, string)>();
            if (Line?.LastRefreshed is { } refreshed) rows.Add(("Last refreshed", Words.Moment(refreshed, Shell.Now)));
            if (Line?.LastRefreshed is not null) rows.Add(("Expected to end", Line.PredictedEnd is { } end ? Words.Date(end) : "No end known"));
            rows.Add(("Last sent", LastSent is { } sent ? Words.Moment(sent, Shell.Now) : "Nothing yet"));
            if (Line?.Held > 0) rows.Add(("Held", Line.Held == 1 ? "1 job" : $"{Line.Held} jobs"));
            return rows;
        }
    }
}

/// <summary>Settings > General Settings > Network Settings > Network Status > Email Server Status: live, and without a secret.</summary>
internal static class EmailServerStatusPage
{
    public static void MapEmailServerStatus(this IEndpointRouteBuilder panel) => panel.MapGet(PanelMenu.EmailServerStatus.Address, IResult (HttpContext context) =>
    {
        var (accounts, reader) = (context.Part<AccountRegister>(), context.Part<StatusReader>());
        var account = (long.TryParse(context.Request.Query["account"], out var id) ? accounts.Find(id) : null) ?? accounts.Default ?? (accounts.All is [var first, ..] ? first : null);
        var model = new EmailServerStatusModel(PanelShells.Of(context, PanelMenu.EmailServerStatus), account is null ? null : reader.LineOf(account), account)
        {
            Accounts = accounts.All,
            LastSent = account is null ? null : reader.LastSent(account),
        };
        return PanelShells.Live(context, model.Shell, FactsOf(model), shell => EmailServerStatusView.Create(model with { Shell = shell }));
    });

    private static IEnumerable<string> FactsOf(EmailServerStatusModel model) =>
    [
        .. model.Settings.Concat(model.Moments).Select(row => $"{row}"), .. model.Accounts.Select(one => $"{one.Address}"),
        model.Line is { } line ? StatusSheet.StatusOf(line) : "", $"{model.Line?.Problem}",
    ];
}
