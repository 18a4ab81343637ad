using DeviceMail.Activity;
using DeviceMail.Network;
using DeviceMail.Web;

namespace DeviceMail.People;

/// <param name="Shell">What stands around.</param>
/// <param name="Preview">What the file that was just chosen would do; null: none was.</param>
public sealed record PeopleImportModel(PageShell Shell, ImportPreview? Preview)
{
    /// <summary>How far passwords are, while they are made ready; null: no import goes on.</summary>
    public (int Ready, int All)? Progress { get; init; }

    /// <summary>What the last import did; empty: nothing.</summary>
    public string Done { get; init; } = "";

    /// <summary>Why nothing was done.</summary>
    public IReadOnlyList<LineFault> Faults { get; init; } = [];

    /// <summary>Why nothing was done, where no line is to blame; empty: nothing was wrong.</summary>
    public string Refusal { get; init; } = "";
}

/// <summary>To My Email > User Settings > Import: a file of users, looked at before anything is done.</summary>
internal static class PeopleImportPage
{
    public const string Address = PeoplePage.Address + "/import";

    private const int ReloadSeconds = 2;

    public static void MapPeopleImportPage(this WebApplication app)
    {
        app.MapGet(Address, IResult (HttpContext context) => ShowRun(context));
        app.MapGet($"{Address}/state", IResult (HttpContext context) => Results.Text(StateOf(context.Part<PeopleImports>().Find(SessionOf(context)))));
        app.MapPost(Address, async Task<IResult> (HttpContext context) => await PressAsync(context))
            .WithMetadata(new AsksPassword("to import users", form => form["do"] == "import"));
    }

    internal static string StateOf(ImportRun? run) => run is null ? "none" : run.Outcome is not null || run.IsLost ? "over" : $"{run.Ready}";

    private static async Task<IResult> PressAsync(HttpContext context)
    {
        var (posted, imports, session) = (await context.Request.ReadFormAsync(), context.Part<PeopleImports>(), SessionOf(context));
        if (posted["do"] == "import")
        {
            context.Note(new Deed("Imported users", "Users"));
            return await imports.BeginAsync(session, WebPerson.Of(context)) is null
                ? Show(context, null, model => model with { Refusal = "Nothing was imported: the file was looked at too long ago, or in another login. Choose it again." }, StatusCodes.Status422UnprocessableEntity)
                : Redirects.See(Address);
        }
        context.Note(new Deed("Looked into a file of users", "Users"));
        if (await UploadedFile.ReadAsync(posted) is not { Length: > 0 } octets)
            return Show(context, null, model => model with { Refusal = "Choose a file first." }, StatusCodes.Status422UnprocessableEntity);
        var preview = imports.Look(session, PeopleFile.Read(octets));
        return Show(context, preview, model => model, preview.Faults.Count > 0 ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }

    private static RazorSlices.RazorSlice<PeopleImportModel> ShowRun(HttpContext context) => context.Part<PeopleImports>().Find(SessionOf(context)) switch
    {
        null => Show(context, null, model => model),
        { IsLost: true } => Show(context, null, model => model with { Refusal = "Nothing was imported: the gateway's disk did not take it. Look at its free space and at the gateway's log, then import the file again." }),
        { Outcome: ImportOutcome.Done done } => Show(context, null, model => model with { Done = done.Sentence }),
        { Outcome: ImportOutcome.Refused refused } => Show(context, null, model => model with { Faults = refused.Faults }),
        var run => Show(context, null, model => model with { Progress = (run.Ready, run.Passwords), Shell = model.Shell with { ReloadAfter = ReloadSeconds } }),
    };

    private static RazorSlices.RazorSlice<PeopleImportModel> Show(HttpContext context, ImportPreview? preview, Func<PeopleImportModel, PeopleImportModel> with, int status = StatusCodes.Status200OK)
    {
        var page = PeopleImportView.Create(with(new PeopleImportModel(context.Part<PageShells>().For(context, Menu.UserSettings, "Import users"), preview)));
        page.StatusCode = status;
        return page;
    }

    private static Session SessionOf(HttpContext context) => context.Features.Get<Session>()!;
}
