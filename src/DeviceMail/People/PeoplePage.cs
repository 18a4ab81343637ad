using DeviceMail.Activity;
using DeviceMail.Web;

namespace DeviceMail.People;

/// <param name="Person">Who.</param>
/// <param name="Facts">What other folders know.</param>
/// <param name="Actions">What may be done by one press.</param>
public sealed record PersonRow(Person Person, IReadOnlyList<PersonFact> Facts, IReadOnlyList<PersonAction> Actions);

/// <param name="Shell">What stands around.</param>
/// <param name="Rows">One page of those that were looked for.</param>
public sealed record PeopleModel(PageShell Shell, IReadOnlyList<PersonRow> Rows)
{
    /// <summary>How many there are, whether shown or not.</summary>
    public required int Count { get; init; }

    /// <summary>How many were found.</summary>
    public required int Found { get; init; }

    public string Search { get; init; } = "";

    /// <summary>Counted from 1.</summary>
    public required int Page { get; init; }

    public required int Pages { get; init; }

    public string AddressOf(int page) => $"{PeoplePage.Address}?page={page}{(Search.Length > 0 ? $"&q={Uri.EscapeDataString(Search)}" : "")}";
}

/// <summary>To My Email > User Settings: who is registered.</summary>
internal static class PeoplePage
{
    public const string Address = "/people";

    private const int RowsOnAPage = 50;

    public static void MapPeoplePage(this WebApplication app)
    {
        app.MapGet(Address, IResult (HttpContext context) => Show(context));
        app.MapPost(Address, async Task<IResult> (HttpContext context) =>
        {
            // action:NAME:ID, one form for all rows.
            var pressed = (await context.Request.ReadFormAsync())["do"].ToString().Split(':');
            if (pressed is ["action", var name, var id] && long.TryParse(id, out var number) && context.Part<PersonRegister>().Find(number) is { } person)
                await PressAsync(context, person, name);
            return Redirects.See(Address);
        });
        app.MapPost($"{Address}/export", IResult (HttpContext context) =>
        {
            var people = context.Part<PersonRegister>().All;
            context.Note(new Deed("Exported the users", $"{people.Count} users"));
            return Results.Bytes(PeopleFile.Write(people), "text/csv; charset=utf-8", "devicemail-users.csv");
        }).WithMetadata(new AsksPassword("to take the users away as a file"));
    }

    public static async Task PressAsync(HttpContext context, Person person, string action)
    {
        if (await context.Part<PersonExtras>().PressAsync(action, person, WebPerson.Of(context)) is { } done) context.Note(new Deed($"Pressed “{done.Label}”", $"User {person.UserId}"));
    }

    private static RazorSlices.RazorSlice<PeopleModel> Show(HttpContext context)
    {
        var (people, extras) = (context.Part<PersonRegister>().All, context.Part<PersonExtras>());
        var search = context.Request.Query["q"].ToString().Trim();
        var found = people.Where(person => Fits(person, search)).OrderBy(person => person.Name, StringComparer.OrdinalIgnoreCase).ToList();
        var pages = Math.Max(1, (found.Count + RowsOnAPage - 1) / RowsOnAPage);
        var page = int.TryParse(context.Request.Query["page"], out var asked) ? Math.Clamp(asked, 1, pages) : 1;
        var rows = found.Skip((page - 1) * RowsOnAPage).Take(RowsOnAPage).Select(person => new PersonRow(person, extras.FactsOf(person), extras.ActionsFor(person)));
        return PeopleView.Create(new PeopleModel(context.Part<PageShells>().For(context, Menu.UserSettings, "User Settings"), [.. rows])
        {
            Count = people.Count,
            Found = found.Count,
            Search = search,
            Page = page,
            Pages = pages,
        });
    }

    private static bool Fits(Person person, string search) => search.Length == 0 || ((string[])[person.UserId, person.DisplayName, person.Address.ToString(), person.SignInName, person.Department])
        .Any(text => text.Contains(search, StringComparison.OrdinalIgnoreCase));
}
