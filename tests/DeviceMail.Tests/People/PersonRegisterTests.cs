using DeviceMail.Messages;
using DeviceMail.People;
using DeviceMail.Settings;

namespace DeviceMail.Tests.People;

/// <summary>Who is registered, and what is kept of it.</summary>
public sealed class PersonRegisterTests : IAsyncDisposable
{
    private readonly PeopleFolder _folder = new();

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Fact]
    public async Task A_person_is_the_same_after_a_restart_and_is_found_by_all_that_names_it()
    {
        var saved = Assert.IsType<PersonSave.Saved>(await _folder.People.SaveAsync(new Person
        {
            Id = 0,
            UserId = "Anna Öz",
            DisplayName = "Anna",
            Address = MailAddress.Parse("Anna.Oez@Contoso.example"),
            SignInName = "a.oez@corp.example",
            Department = "Sales",
            IsAdministrator = true,
        }, PeopleFolder.Typed("correct horse", "204816", "0012345678"))).Person;
        Assert.Equal((true, true, true, false), (saved.HasPassword, saved.HasIdNumber, saved.HasCard, saved.HasLostSecret));
        await _folder.ReopenAsync();
        Assert.Equal(saved, Assert.Single(_folder.People.All));
        Assert.Equal(saved, _folder.People.FindByUserId("anna öZ"));
        Assert.Equal(saved, _folder.People.FindByAddress(MailAddress.Parse("ANNA.oez@contoso.EXAMPLE")));
        Assert.Equal(saved, _folder.People.FindByIdNumber("204816"));
        Assert.Equal(saved, _folder.People.FindByCard("0012345678"));
        Assert.Null(_folder.People.FindByCard("204816"));
        Assert.Null(_folder.People.FindByIdNumber("0012345678"));
    }

    [Theory]
    [InlineData("", "a@contoso.example", "", "", "", "user-id")]
    [InlineData("a\u0007b", "a@contoso.example", "", "", "", "user-id")]
    [InlineData("ÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖÖ", "a@contoso.example", "", "", "", "user-id")]
    [InlineData("ok", "a@contoso.example", "123456789012345678901234567890123", "", "", "display-name")]
    [InlineData("ok", "a@contoso.example", "", "no address", "", "sign-in-name")]
    [InlineData("ok", "a@contoso.example", "", "", "a\nb", "department")]
    [InlineData("ANNA", "a@contoso.example", "", "", "", "user-id")]
    [InlineData("ok", "ANNA@contoso.example", "", "", "", "address")]
    public async Task A_fault_names_its_field_and_nothing_is_saved(string userId, string address, string name, string signIn, string department, string field)
    {
        await _folder.AddAsync("anna");
        var asked = new Person { Id = 0, UserId = userId, Address = MailAddress.Parse(address), DisplayName = name, SignInName = signIn, Department = department };
        Assert.Equal(field, Assert.IsType<PersonSave.Refused>(await _folder.People.SaveAsync(asked)).Field);
        Assert.Single(_folder.People.All);
    }

    [Theory]
    [InlineData("seven77", null, null, "password")]
    [InlineData("with\ncontrol", null, null, "password")]
    [InlineData(null, "20481", null, "id-number")]
    [InlineData(null, "204816204", null, "id-number")]
    [InlineData(null, "20481x", null, "id-number")]
    [InlineData(null, "123456", null, "id-number")]
    [InlineData(null, "111111", null, "id-number")]
    [InlineData(null, "987654", null, "id-number")]
    [InlineData(null, "121212", null, "id-number")]
    [InlineData(null, "305917", null, "id-number")]
    [InlineData(null, null, "kärtchen", "card")]
    [InlineData(null, null, "taken", "card")]
    public async Task A_secret_that_is_weak_or_taken_is_refused_without_being_repeated(string? password, string? number, string? card, string field)
    {
        await _folder.AddAsync("anna", PeopleFolder.Typed(null, "305917", "taken"));
        var refused = Assert.IsType<PersonSave.Refused>(await _folder.TryAddAsync("ben", PeopleFolder.Typed(password, number, card)));
        Assert.Equal(field, refused.Field);
        Assert.DoesNotContain((password ?? number ?? card)!, refused.Sentence, StringComparison.Ordinal);
        Assert.Single(_folder.People.All);
    }

    [Fact]
    public async Task The_least_digits_count_for_new_ID_numbers_and_made_ones_are_never_weak()
    {
        await _folder.SetAsync(SettingsCatalogue.IdNumberDigits, "4");
        var anna = await _folder.AddAsync("anna", PeopleFolder.Typed(number: "2048"));
        await _folder.SetAsync(SettingsCatalogue.IdNumberDigits, "8");
        // What was set before stays, whatever else of the person changes.
        Assert.True(Assert.IsType<PersonSave.Saved>(await _folder.People.SaveAsync(anna with { Department = "Sales" })).Person.HasIdNumber);
        Assert.IsType<PersonSave.Refused>(await _folder.TryAddAsync("ben", PeopleFolder.Typed(number: "2049")));
        for (var i = 0; i < 200; i++)
        {
            var number = _folder.People.NewIdNumber()!.Reveal();
            Assert.Null(IdNumbers.Fault(number, 8));
        }
        Assert.All(["0000", "1234", "4321", "7890", "2525", "12341234"], number => Assert.True(IdNumbers.IsWeak(number)));
        Assert.False(IdNumbers.IsWeak("2048"));
    }

    [Fact]
    public async Task An_empty_secret_takes_away_and_none_keeps()
    {
        var anna = await _folder.AddAsync("anna", PeopleFolder.Typed("correct horse", "204816", "card 1"));
        anna = Assert.IsType<PersonSave.Saved>(await _folder.People.SaveAsync(anna with { DisplayName = "Anna" })).Person;
        Assert.Equal((true, true, true), (anna.HasPassword, anna.HasIdNumber, anna.HasCard));
        anna = Assert.IsType<PersonSave.Saved>(await _folder.People.SaveAsync(anna, PeopleFolder.Typed("", "", ""))).Person;
        Assert.Equal((false, false, false), (anna.HasPassword, anna.HasIdNumber, anna.HasCard));
        Assert.Null(_folder.People.FindByCard("card 1"));
    }

    [Fact]
    public async Task Half_a_character_is_no_text()
    {
        Assert.IsType<PersonSave.Refused>(await _folder.TryAddAsync("a\ud800", null, "a@contoso.example"));
        Assert.IsType<PersonSave.Refused>(await _folder.TryAddAsync("a", PeopleFolder.Typed("long enough \udc00"), "a@contoso.example"));
        Assert.Null(_folder.People.FindByUserId("a\ud800"));
    }

    [Fact]
    public async Task A_lost_key_finds_nobody_and_says_so_until_it_is_set_again()
    {
        var anna = await _folder.AddAsync("anna", PeopleFolder.Typed("correct horse", "204816", "card 1"));
        await _folder.ReopenAsync(secrets => secrets.RemoveAll("people"));
        var lost = _folder.People.Find(anna.Id)!;
        Assert.Equal((true, false, false, true), (lost.HasPassword, lost.HasIdNumber, lost.HasCard, lost.HasLostSecret));
        Assert.Null(_folder.People.FindByCard("card 1"));
        var again = Assert.IsType<PersonSave.Saved>(await _folder.People.SaveAsync(lost, PeopleFolder.Typed(null, "", "card 1"))).Person;
        Assert.Equal((true, false), (again.HasCard, again.HasLostSecret));
        Assert.Equal(again, _folder.People.FindByCard("card 1"));
    }

    [Fact]
    public async Task A_removed_person_is_gone_its_id_is_never_given_again_and_who_listens_hears_it()
    {
        var heard = new List<long>();
        _folder.People.Changed += heard.Add;
        var anna = await _folder.AddAsync("anna", PeopleFolder.Typed(card: "card 1"));
        await _folder.People.RemoveAsync(anna.Id);
        Assert.Null(_folder.People.Find(anna.Id));
        Assert.Null(_folder.People.FindByCard("card 1"));
        Assert.NotEqual(anna.Id, (await _folder.AddAsync("anna")).Id);
        Assert.Equal("user-id", Assert.IsType<PersonSave.Refused>(await _folder.People.SaveAsync(anna)).Field);
        Assert.Equal([anna.Id, anna.Id, anna.Id + 1], heard);
    }

    [Fact]
    public async Task People_who_are_saved_at_once_are_all_there_and_the_same_one_only_once()
    {
        await Task.WhenAll(Enumerable.Range(1, 20).Select(i => Task.Run(() => _folder.AddAsync($"user{i}"))));
        var same = await Task.WhenAll(Enumerable.Range(1, 10).Select(i => Task.Run(() => _folder.TryAddAsync("SAME", null, $"same{i}@contoso.example"))));
        Assert.Single(same.OfType<PersonSave.Saved>());
        Assert.Equal(21, _folder.People.All.Count);
    }
}
