using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Messages;
using DeviceMail.Web;

namespace DeviceMail.EmailServer;

/// <summary>What the provider said about the ids, in words.</summary>
/// <param name="Mark">ok, warn or bad.</param>
/// <param name="Sentence">What is.</param>
/// <param name="Remedy">What to do.</param>
public sealed record IdCheck(string Mark, string Sentence, string Remedy)
{
    public string ServerWords { get; init; } = "";
}

/// <param name="Shell">What stands around.</param>
/// <param name="Account">Whose ids these are; one that is not saved, for Exchange Online, where there is none.</param>
public sealed record RegistrationModel(PageShell Shell, Account Account)
{
    public IReadOnlyList<FieldFault> Faults { get; init; } = [];

    /// <summary>Null before the check.</summary>
    public IdCheck? Check { get; init; }

    /// <summary>The link for the administrator; null where the service has none, or the ids do not have their form yet.</summary>
    public string? ConsentLink { get; init; }

    /// <summary>What came of the link; null: nothing yet.</summary>
    public ConsentAnswer? Answer { get; init; }

    public bool HasConsent => MicrosoftAuthority.ConsentOf(Account).Length > 0;

    public bool IsNew => Account.Id == 0;

    public string? FaultOf(string field) => Faults.FirstOrDefault(fault => fault.Field == field)?.Sentence;
}

/// <summary>Network > Email Server > Application Registration.</summary>
internal static class RegistrationPage
{
    /// <summary>Stands in for an account while there is none; never saved.</summary>
    private static readonly Account _blank = Providers.All[0].NewAccount(MailAddress.Parse("nobody@invalid"));

    public static void MapRegistration(this WebApplication app)
    {
        app.MapGet(Menu.EmailServerRegistration.Address, IResult (HttpContext context) => Show(context, AccountOf(context, context.Request.Query["account"].ToString()), [], null));
        app.MapPost(Menu.EmailServerRegistration.Address, async Task<IResult> (HttpContext context) => await CheckAsync(context));
    }

    private static async Task<IResult> CheckAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        var account = AccountOf(context, form["account"].ToString()) with { ClientId = form["client"].ToString().Trim(), TenantId = form["tenant"].ToString().Trim() };
        context.Note(new Deed("Asked the provider about an application's ids", account.ClientId));
        List<FieldFault> faults = [];
        var isMicrosoft = MicrosoftAuthority.Serves(account);
        if (isMicrosoft && BasicField.IdFault("Application (client) ID", account.ClientId) is { } client) faults.Add(new FieldFault("client", client));
        if (isMicrosoft && BasicField.TenantFault(account.TenantId) is { } tenant) faults.Add(new FieldFault("tenant", tenant));
        if (account.ClientId.Length > 0 && account.ClientId.Equals(account.TenantId, StringComparison.OrdinalIgnoreCase))
            faults.Add(new FieldFault("tenant", "Both fields hold the same ID. The Directory (tenant) ID stands below the Application (client) ID in the application's Overview."));
        if (faults.Count > 0) return Show(context, account, faults, null, StatusCodes.Status422UnprocessableEntity);
        return Show(context, account, [], CheckOf(await context.Part<EmailServerDesk>().ProbeAsync(account, context.RequestAborted)));
    }

    private static IdCheck CheckOf(SignInStep? end) => end switch
    {
        null => new("ok", "The provider knows this application and gives it codes.",
            "Public client flows are allowed. Whether the organisation has agreed that it sends, and whether a policy blocks the code way, shows when the mailbox signs in."),
        SignInStep.Blocked blocked when blocked.Problem == Problems.Unreachable => new("warn", "The provider did not answer, so nothing is known about the ids.", blocked.Problem.Remedy) { ServerWords = blocked.Words },
        SignInStep.Blocked blocked => new("bad", $"{blocked.Problem.Title}.", $"{blocked.Problem.Cause} {blocked.Problem.Remedy}") { ServerWords = blocked.Words },
        _ => new("bad", SignInWords.Of(end), ""),
    };

    private static Account AccountOf(HttpContext context, string asked) => BasicPage.AccountOf(context, asked) ?? _blank;

    private static RazorSlices.RazorSlice<RegistrationModel> Show(HttpContext context, Account account, IReadOnlyList<FieldFault> faults, IdCheck? check, int status = StatusCodes.Status200OK)
    {
        var page = RegistrationView.Create(new RegistrationModel(context.Part<PageShells>().For(context, Menu.EmailServerRegistration, "Application Registration"), account)
        {
            Faults = faults,
            Check = check,
            ConsentLink = Registration.ConsentLink(account, context.Part<ConsentDesk>().StateFor(account)),
            Answer = context.Part<ConsentDesk>().AnswerFor(account),
        });
        page.StatusCode = status;
        return page;
    }
}
