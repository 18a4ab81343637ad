using DeviceMail.Activity;
using DeviceMail.Settings;

namespace DeviceMail.Web;

/// <param name="Shell">What stands around.</param>
/// <param name="Fault">The field to change and what is wrong with it; null: nothing.</param>
public sealed record PasswordModel(PageShell Shell, (string Field, string Sentence)? Fault)
{
    public bool IsDone { get; init; }

    public string? Of(string field) => Fault is { } fault && fault.Field == field ? fault.Sentence : null;
}

/// <summary>Device Management > Administrator Password.</summary>
internal static class PasswordPage
{
    public static void MapPassword(this WebApplication app)
    {
        app.MapGet(Menu.Password.Address, IResult (HttpContext context) => Show(context, null, context.Request.Query.ContainsKey("changed")));
        app.MapPost(Menu.Password.Address, async Task<IResult> (HttpContext context) => await ChangeAsync(context));
    }

    private static async Task<IResult> ChangeAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        var (former, password) = (form["former"].ToString(), form["password"].ToString());
        if (await PasswordGate.RefusalAsync(context, former) is { } refusal) return Refuse(context, refusal.Status, ("former", refusal.Sentence));
        var address = context.Part<SettingsStore>().Current.Text(SettingsCatalogue.AdministratorAddress);
        if (PasswordRules.Check(password, address) is { } fault) return Refuse(context, StatusCodes.Status422UnprocessableEntity, ("password", fault));
        if (password != form["again"]) return Refuse(context, StatusCodes.Status422UnprocessableEntity, ("again", "The two passwords are not the same."));
        await context.Part<Administrator>().ChangePasswordAsync(password);
        context.Part<Sessions>().Begin(context);
        context.Note(new Deed("Changed the administrator's password; earlier logins ended", "Administrator"));
        await context.Part<ActivityLog>().RecordAsync(Subject.Administrator, context.ClientName(), "The administrator's password was changed in Web Config; earlier logins ended.");
        return Redirects.See($"{Menu.Password.Address}?changed");
    }

    private static RazorSlices.RazorSlice<PasswordModel> Refuse(HttpContext context, int status, (string, string) fault)
    {
        var page = Show(context, fault, isDone: false);
        page.StatusCode = status;
        return page;
    }

    private static RazorSlices.RazorSlice<PasswordModel> Show(HttpContext context, (string, string)? fault, bool isDone) =>
        PasswordView.Create(new PasswordModel(context.Part<PageShells>().For(context, Menu.Password, "Administrator Password"), fault) { IsDone = isDone });
}
