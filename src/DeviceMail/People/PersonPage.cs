using DeviceMail.Activity;
using DeviceMail.Settings;
using DeviceMail.Web;

namespace DeviceMail.People;

/// <param name="Shell">What stands around.</param>
/// <param name="Person">As it is kept; null for a new one.</param>
/// <param name="Form">What the fields hold; secrets are never among it.</param>
public sealed record PersonModel(PageShell Shell, Person? Person, PersonWish Form)
{
    public PersonDeskOutcome.Refused? Fault { get; init; }

    /// <summary>The ID number that was just made; shown this once.</summary>
    public string? MadeIdNumber { get; init; }

    public IReadOnlyList<PersonFact> Facts { get; init; } = [];

    public IReadOnlyList<PersonAction> Actions { get; init; } = [];

    /// <summary>The fewest digits of a new ID number.</summary>
    public required long LeastDigits { get; init; }

    public string? FaultOf(string field) => Fault?.Field == field ? Fault.Sentence : null;
}

/// <summary>One user: who it is, and how it signs in; and a new one.</summary>
internal static class PersonPage
{
    public static void MapPersonPage(this WebApplication app)
    {
        var asks = new AsksPassword("to change a user", form => !form["do"].ToString().StartsWith(PersonExtras.Press, StringComparison.Ordinal));
        app.MapGet(PeoplePage.Address + "/new", IResult (HttpContext context) => PersonEditView.Create(ModelOf(context, null, new PersonWish())));
        app.MapPost(PeoplePage.Address + "/new", async Task<IResult> (HttpContext context) => await PressAsync(context, null)).WithMetadata(asks);
        app.MapGet(PeoplePage.Address + "/{id:long}", IResult (HttpContext context, long id) => context.Part<PersonRegister>().Find(id) is { } person
            ? PersonEditView.Create(ModelOf(context, person, WishOf(person)))
            : Redirects.See(PeoplePage.Address));
        app.MapPost(PeoplePage.Address + "/{id:long}", async Task<IResult> (HttpContext context, long id) =>
            context.Part<PersonRegister>().Find(id) is { } person ? await PressAsync(context, person) : Redirects.See(PeoplePage.Address)).WithMetadata(asks);
    }

    private static async Task<IResult> PressAsync(HttpContext context, Person? person)
    {
        var posted = await context.Request.ReadFormAsync();
        var (desk, who, button) = (context.Part<PersonDesk>(), WebPerson.Of(context), posted["do"].ToString());
        if (person is not null && button.StartsWith(PersonExtras.Press, StringComparison.Ordinal))
        {
            await PeoplePage.PressAsync(context, person, button[PersonExtras.Press.Length..]);
            return Redirects.See($"{PeoplePage.Address}/{person.Id}");
        }
        if (person is not null && button == "remove")
        {
            await desk.RemoveAsync(person, who);
            context.Note(new Deed("Removed a user", person.UserId) { Before = LinesOf(person) });
            return Redirects.See(PeoplePage.Address);
        }
        var wish = (button, person) switch
        {
            ("make-id-number", not null) => new PersonWish { MakesIdNumber = true },
            ("remove-id-number", not null) => new PersonWish { IdNumber = "" },
            ("remove-card", not null) => new PersonWish { Card = "" },
            _ => Read(posted),
        };
        switch (await desk.SaveAsync(person, wish, who))
        {
            case PersonDeskOutcome.Made made:
                context.Note(DeedOf(person, made.Person, wish));
                if (made.IdNumber is { } number) return PersonEditView.Create(ModelOf(context, made.Person, WishOf(made.Person)) with { MadeIdNumber = number.Reveal() });
                return Redirects.See(wish.UserId is null ? $"{PeoplePage.Address}/{made.Person.Id}" : PeoplePage.Address);
            case PersonDeskOutcome.Refused refused:
                var form = wish.UserId is null && person is not null ? WishOf(person) : wish with { Password = null, IdNumber = null, Card = null };
                var page = PersonEditView.Create(ModelOf(context, person, form) with { Fault = refused });
                page.StatusCode = StatusCodes.Status422UnprocessableEntity;
                return page;
            case var other: throw new InvalidOperationException($"{other} is no outcome.");
        }
    }

    /// <summary>An empty secret's field says nothing: taking one away has a button of its own.</summary>
    private static PersonWish Read(IFormCollection posted) => new()
    {
        UserId = posted[PersonFields.UserId],
        DisplayName = posted[PersonFields.DisplayName],
        Address = posted[PersonFields.Address],
        SignInName = posted[PersonFields.SignInName],
        Department = posted[PersonFields.Department],
        IsAdministrator = posted.ContainsKey(PersonFields.Administrator),
        Password = Typed(posted[PersonFields.Password]),
        IdNumber = Typed(posted[PersonFields.IdNumber]),
        Card = Typed(posted[PersonFields.Card]),
        MakesIdNumber = posted.ContainsKey("make-id-number"),
    };

    private static string? Typed(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private static PersonWish WishOf(Person person) => new()
    {
        UserId = person.UserId,
        DisplayName = person.DisplayName,
        Address = person.Address.ToString(),
        SignInName = person.SignInName,
        Department = person.Department,
        IsAdministrator = person.IsAdministrator,
    };

    private static Deed DeedOf(Person? former, Person saved, PersonWish wish)
    {
        string[] secrets = [wish.Password is null ? "" : "password set", wish.IdNumber is null && !wish.MakesIdNumber ? "" : wish.IdNumber is "" ? "ID number removed" : "ID number set", wish.Card is null ? "" : wish.Card.Length == 0 ? "card removed" : "card set"];
        return new Deed(former is null ? "Added a user" : "Changed a user", saved.UserId)
        {
            Before = former is null ? "" : LinesOf(former),
            After = string.Join('\n', [LinesOf(saved), .. secrets.Where(one => one.Length > 0)]),
        };
    }

    private static string LinesOf(Person person) => string.Join('\n', PeopleFile.Open.Select(column => $"{column} = {PeopleFile.CellOf(person, column)}"));

    private static PersonModel ModelOf(HttpContext context, Person? person, PersonWish form)
    {
        var extras = context.Part<PersonExtras>();
        return new PersonModel(context.Part<PageShells>().For(context, Menu.UserSettings, person?.Name ?? "Add a user"), person, form)
        {
            Facts = person is null ? [] : extras.FactsOf(person),
            Actions = person is null ? [] : extras.ActionsFor(person),
            LeastDigits = context.Part<SettingsStore>().Current.Get(SettingsCatalogue.IdNumberDigits),
        };
    }
}
