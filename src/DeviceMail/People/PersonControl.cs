using DeviceMail.Control;
using DeviceMail.Web;

namespace DeviceMail.People;

/// <summary>One user as the command line and the API show it; no secret is in it.</summary>
public sealed record PersonView(long Id, string UserId, string DisplayName, string Address)
{
    public string SignInName { get; init; } = "";

    public string Department { get; init; } = "";

    public bool IsAdministrator { get; init; }

    public bool HasPassword { get; init; }

    public bool HasIdNumber { get; init; }

    public bool HasCard { get; init; }

    /// <summary>An ID number or a card is to be set again, because the key that finds it is lost.</summary>
    public bool HasLostSecret { get; init; }

    public static PersonView Of(Person person) => new(person.Id, person.UserId, person.DisplayName, person.Address.ToString())
    {
        SignInName = person.SignInName,
        Department = person.Department,
        IsAdministrator = person.IsAdministrator,
        HasPassword = person.HasPassword,
        HasIdNumber = person.HasIdNumber,
        HasCard = person.HasCard,
        HasLostSecret = person.HasLostSecret,
    };
}

public sealed record PeopleList(IReadOnlyList<PersonView> People);

/// <summary>A user that was added or changed, with the ID number that was made for it; that one is shown this once.</summary>
public sealed record PersonMade(PersonView Person, string? IdNumber, string Sentence);

/// <summary>What an import did, or would do.</summary>
public sealed record ImportAnswer(IReadOnlyList<string> New, IReadOnlyList<ImportLine> Changed, int Unchanged, string Sentence);

/// <summary>A file as text.</summary>
public sealed record PeopleText(string Text);

internal static class PersonControl
{
    private const string Who = "an administrator at the command line";

    public static void Map(RouteGroupBuilder control)
    {
        control.MapGet("/people", IResult (PersonRegister people) => Results.Json(new PeopleList([.. people.All.Select(PersonView.Of)]), PeopleJson.Default.PeopleList));
        control.MapPost("/people/add", async Task<IResult> (HttpContext context, PersonDesk desk) => Answer(null, await desk.SaveAsync(null, await WishOf(context), Who)));
        control.MapPost("/people/set", async Task<IResult> (HttpContext context, string name, PersonRegister people, PersonDesk desk) =>
            people.FindByUserId(name) is { } person ? Answer(person, await desk.SaveAsync(person, await WishOf(context), Who)) : Unknown(name));
        control.MapPost("/people/remove", async Task<IResult> (string name, PersonRegister people, PersonDesk desk) =>
        {
            if (people.FindByUserId(name) is not { } person) return Unknown(name);
            await desk.RemoveAsync(person, Who);
            return ControlAnswers.Done($"The user “{person.Name}” was removed.");
        });
        control.MapPost("/people/import", async Task<IResult> (HttpContext context) => await ImportAsync(context));
        control.MapGet("/people/export", IResult (PersonRegister people) =>
            Results.Json(new PeopleText(System.Text.Encoding.UTF8.GetString(PeopleFile.Write(people.All))), PeopleJson.Default.PeopleText));
    }

    /// <summary>With preview=true in the query it is only looked at.</summary>
    private static async Task<IResult> ImportAsync(HttpContext context)
    {
        using var octets = new MemoryStream();
        var buffer = new byte[1 << 16];
        // One octet more than may be tells that it is too many.
        while (octets.Length <= PeopleFile.MostOctets && await context.Request.Body.ReadAsync(buffer) is var read and > 0) octets.Write(buffer.AsSpan(0, read));
        var file = PeopleFile.Read(octets.ToArray());
        var preview = PeopleImport.Judge(file, context.Part<PersonRegister>());
        if (preview.Faults.Count > 0) return Refused(preview.Faults);
        var isPreview = context.Request.Query["preview"] == "true";
        if (!isPreview && await context.Part<PeopleImports>().CarryOutAsync(file, Who, null) is ImportOutcome.Refused refused) return Refused(refused.Faults);
        var counts = new ImportOutcome.Done(preview.New.Count, preview.Changed.Count, preview.Unchanged).Sentence;
        return Results.Json(new ImportAnswer([.. preview.New.Select(line => line.UserId)], preview.Changed, preview.Unchanged,
            isPreview ? $"Nothing is saved yet. It would be: {counts}" : counts), PeopleJson.Default.ImportAnswer);
    }

    private static async Task<PersonWish> WishOf(HttpContext context) => (await context.Request.ReadFromJsonAsync(PeopleJson.Default.PersonWish))!;

    private static IResult Answer(Person? former, PersonDeskOutcome outcome) => outcome switch
    {
        PersonDeskOutcome.Made made => Results.Json(new PersonMade(PersonView.Of(made.Person), made.IdNumber?.Reveal(),
            $"The user “{made.Person.Name}” was {(former is null ? "added" : "changed")}."), PeopleJson.Default.PersonMade),
        PersonDeskOutcome.Refused refused => ControlAnswers.Refused(refused.Sentence),
        _ => throw new InvalidOperationException($"{outcome} is no outcome."),
    };

    private static IResult Refused(IReadOnlyList<LineFault> faults) =>
        ControlAnswers.Refused(string.Join('\n', [.. faults.Take(100).Select(fault => $"{fault}"), "Nothing was imported."]));

    private static IResult Unknown(string name) => ControlAnswers.Refused($"There is no user “{name}”. `devicemail people` lists them.");
}
