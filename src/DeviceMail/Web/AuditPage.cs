using DeviceMail.Activity;
using DeviceMail.Control;

namespace DeviceMail.Web;

/// <param name="Shell">What stands around.</param>
/// <param name="Entries">One page, newest first.</param>
/// <param name="Check">Whether the log is what was written.</param>
public sealed record AuditModel(PageShell Shell, IReadOnlyList<AuditEntry> Entries, AuditCheck Check)
{
    /// <summary>Whether the check read only the newest entries.</summary>
    public bool IsPartly => Check is AuditCheck.Intact intact && Entries.Count > 0 && intact.Count < Entries[0].Id && intact.Count >= AuditPage.Checked;

    public required bool HasOlder { get; init; }

    public required DateTimeOffset Now { get; init; }
}

/// <summary>Device Management > Audit Log.</summary>
internal static class AuditPage
{
    private const int RowsOnAPage = 50;

    /// <summary>A page must be quick however long the log is; the command line reads all of it.</summary>
    public const int Checked = 500;

    public static void MapAudit(this WebApplication app)
    {
        app.MapGet(Menu.Audit.Address, IResult (HttpContext context) =>
        {
            var log = context.Part<AuditLog>();
            var entries = log.List(long.TryParse(context.Request.Query["before"], out var before) ? before : null, RowsOnAPage + 1);
            return AuditView.Create(new AuditModel(context.Part<PageShells>().For(context, Menu.Audit, "Audit Log"), [.. entries.Take(RowsOnAPage)], log.Verify(Checked))
            {
                HasOlder = entries.Count > RowsOnAPage,
                Now = context.Part<TimeProvider>().GetUtcNow(),
            });
        });
        AuditControl.Map(app.ControlGroup());
    }
}
