using System.Net;
using DeviceMail.People;
using DeviceMail.Settings;

namespace DeviceMail.Tests.People;

/// <summary>Who is let in, by what, where; and how guessing is slowed.</summary>
public sealed class PersonSignInsTests : IAsyncDisposable
{
    private const string Password = "correct horse", Number = "204816", Card = "0012345678";

    private static readonly PersonPlace _panel = new("panel 3", "panel Copier 2nd floor", true);
    private static readonly PersonPlace _browser = PersonPlace.Of(IPAddress.Parse("::ffff:192.0.2.7"));

    private readonly PeopleFolder _folder = new();

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Theory]
    // Which of card, user ID with password, ID number, user ID alone, card in the field of the user ID lets in at a panel.
    [InlineData("card-or-password", "card password card-as-user-id")]
    [InlineData("card-or-id-number", "card id-number")]
    [InlineData("id-number", "id-number")]
    [InlineData("user-id", "user-id password")]
    public async Task Each_method_lets_in_by_what_it_names_at_a_panel_and_by_user_ID_and_password_alone_elsewhere(string method, string ways)
    {
        var anna = await _folder.AddAsync("anna", PeopleFolder.Typed(Password, Number, Card));
        await _folder.SetAsync(SettingsCatalogue.PanelAuthentication, method);
        var proofs = new Dictionary<string, PersonProof>
        {
            ["card"] = new() { Card = Card + "\r\n" },
            ["password"] = new() { UserId = " ANNA ", Password = Password },
            ["id-number"] = new() { IdNumber = Number },
            ["user-id"] = new() { UserId = "anna" },
            ["card-as-user-id"] = new() { UserId = Card },
            ["nothing"] = new(),
        };
        foreach (var (way, proof) in proofs)
        {
            _folder.Time.Advance(TimeSpan.FromHours(2));
            var atPanel = await _folder.SignIns.SignInAsync(proof, _panel);
            if (ways.Split(' ').Contains(way)) Assert.Equal(anna, Assert.IsType<PersonSignInOutcome.SignedIn>(atPanel).Person);
            else Assert.IsType<PersonSignInOutcome.Refused>(atPanel);
            var elsewhere = await _folder.SignIns.SignInAsync(proof, _browser);
            Assert.Equal(way == "password", elsewhere is PersonSignInOutcome.SignedIn);
        }
    }

    [Fact]
    public async Task A_browser_that_nobody_paired_is_refused_alike_whether_it_knows_a_user_ID_or_not()
    {
        await _folder.AddAsync("anna", PeopleFolder.Typed(Password, Number, Card));
        await _folder.AddAsync("nopass");
        await _folder.SetAsync(SettingsCatalogue.PanelAuthentication, "user-id");
        var alone = await _folder.SignIns.SignInAsync(new PersonProof { UserId = "anna" }, _browser);
        Assert.Equal(alone, await _folder.SignIns.SignInAsync(new PersonProof { UserId = "nobody" }, _browser));
        Assert.Contains("both are needed", Assert.IsType<PersonSignInOutcome.Refused>(alone).Sentence, StringComparison.Ordinal);
        var wrong = await _folder.SignIns.SignInAsync(new PersonProof { UserId = "anna", Password = "wrong horse" }, _browser);
        Assert.IsType<PersonSignInOutcome.Refused>(wrong);
        foreach (var userId in (string[])["nobody", "nopass", "bad\ud800", new string('x', 5_000)])
        {
            _folder.Time.Advance(TimeSpan.FromHours(2));
            Assert.Equal(wrong, await _folder.SignIns.SignInAsync(new PersonProof { UserId = userId, Password = "wrong horse" }, _browser));
        }
    }

    [Fact]
    public async Task A_person_is_slowed_wherever_the_guesses_come_from_but_not_where_it_signed_in_before()
    {
        await _folder.AddAsync("anna", PeopleFolder.Typed(Password));
        var right = new PersonProof { UserId = "anna", Password = Password };
        var wrong = right with { Password = "wrong horse" };
        Assert.IsType<PersonSignInOutcome.SignedIn>(await _folder.SignIns.SignInAsync(right, _browser));
        for (var i = 0; i < 3; i++) Assert.IsType<PersonSignInOutcome.Refused>(await _folder.SignIns.SignInAsync(wrong, Client(i)));
        Assert.Equal(TimeSpan.FromSeconds(1), Assert.IsType<PersonSignInOutcome.TooMany>(await _folder.SignIns.SignInAsync(right, Client(9))).Wait);
        Assert.IsType<PersonSignInOutcome.SignedIn>(await _folder.SignIns.SignInAsync(right, _browser));
        // Nobody is locked out for ever: a minute at most, and the right password ends it.
        for (var i = 0; i < 10; i++)
        {
            _folder.Time.Advance(TimeSpan.FromSeconds(60));
            Assert.IsType<PersonSignInOutcome.Refused>(await _folder.SignIns.SignInAsync(wrong, Client(20 + i)));
        }
        Assert.Equal(TimeSpan.FromSeconds(60), Assert.IsType<PersonSignInOutcome.TooMany>(await _folder.SignIns.SignInAsync(right, Client(9))).Wait);
        _folder.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.IsType<PersonSignInOutcome.SignedIn>(await _folder.SignIns.SignInAsync(right, Client(9)));
    }

    [Fact]
    public async Task A_place_is_slowed_whomever_it_guesses_and_tries_at_once_do_not_slip_through()
    {
        await _folder.AddAsync("anna", PeopleFolder.Typed(Password));
        var tries = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => _folder.SignIns.SignInAsync(new PersonProof { UserId = $"user{i}", Password = "wrong horse" }, _browser)));
        Assert.Equal((3, 9), (tries.OfType<PersonSignInOutcome.Refused>().Count(), tries.OfType<PersonSignInOutcome.TooMany>().Count()));
        Assert.IsType<PersonSignInOutcome.TooMany>(await _folder.SignIns.SignInAsync(new PersonProof { UserId = "anna", Password = Password }, _browser));
        // Another place is not touched; one IPv6 network is one place.
        Assert.IsType<PersonSignInOutcome.SignedIn>(await _folder.SignIns.SignInAsync(new PersonProof { UserId = "anna", Password = Password }, Client(1)));
        Assert.Equal(PersonPlace.Of(IPAddress.Parse("2001:db8::1")).Key, PersonPlace.Of(IPAddress.Parse("2001:db8::ffff:2")).Key);
    }

    [Fact]
    public async Task ID_numbers_allow_ten_wrong_tries_an_hour_even_when_somebody_signs_in_between()
    {
        await _folder.AddAsync("anna", PeopleFolder.Typed(number: Number));
        await _folder.SetAsync(SettingsCatalogue.PanelAuthentication, "id-number");
        for (var i = 0; i < 10; i++)
        {
            Assert.IsType<PersonSignInOutcome.Refused>(await _folder.SignIns.SignInAsync(new PersonProof { IdNumber = $"90481{i}" }, _panel));
            if (i % 2 == 1 && i < 9) Assert.IsType<PersonSignInOutcome.SignedIn>(await _folder.SignIns.SignInAsync(new PersonProof { IdNumber = Number }, _panel));
        }
        Assert.Equal(TimeSpan.FromSeconds(60), Assert.IsType<PersonSignInOutcome.TooMany>(await _folder.SignIns.SignInAsync(new PersonProof { IdNumber = Number }, _panel)).Wait);
        Assert.IsType<PersonSignInOutcome.SignedIn>(await _folder.SignIns.SignInAsync(new PersonProof { IdNumber = Number }, _panel with { Key = "panel 4" }));
        _folder.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.IsType<PersonSignInOutcome.SignedIn>(await _folder.SignIns.SignInAsync(new PersonProof { IdNumber = Number }, _panel));
    }

    [Fact]
    public void What_is_remembered_of_guesses_is_bounded()
    {
        var delay = new GuessDelay(_folder.Time);
        for (var i = 0; i < GuessDelay.Remembered + 500; i++)
        {
            delay.Begin($"user{i}", $"place {i}");
            delay.BeginAtPlace($"other {i}");
        }
        Assert.InRange(delay.Count, 1, 2 * GuessDelay.Remembered);
    }

    [Fact]
    public async Task Activity_tells_of_each_try_and_of_no_secret_and_no_unknown_name()
    {
        await _folder.AddAsync("anna", PeopleFolder.Typed(Password, Number, Card));
        await _folder.SignIns.SignInAsync(new PersonProof { UserId = "anna", Password = "canary-word" }, _browser);
        await _folder.SignIns.SignInAsync(new PersonProof { UserId = "canary-user", Password = "canary-word" }, _browser);
        await _folder.SignIns.SignInAsync(new PersonProof { Card = "canary-card" }, _panel);
        await _folder.SignIns.SignInAsync(new PersonProof { Card = Card }, _panel);
        var told = _folder.Activity.Latest(10).Select(entry => entry.Sentence).ToList();
        Assert.Equal(
        [
            "“anna” signed in at panel Copier 2nd floor by card.",
            "Somebody tried to sign in at panel Copier 2nd floor with a card that is not registered.",
            "Somebody tried to sign in at 192.0.2.7 with a user ID that is not registered.",
            "Somebody tried to sign in as “anna” at 192.0.2.7 with a wrong password.",
        ], told);
    }

    private static PersonPlace Client(int number) => PersonPlace.Of(new IPAddress([198, 51, 100, (byte)number]));
}
