using System.Text;
using DeviceMail.Messages;
using DeviceMail.People;
using DeviceMail.Settings;

namespace DeviceMail.Tests.People;

/// <summary>Files of users, as spreadsheets write them.</summary>
public sealed class PeopleFileTests : IAsyncDisposable
{
    private readonly PeopleFolder _folder = new();

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Theory]
    [InlineData("UserId,Address,DisplayName\r\nanna,anna@contoso.example,\"Öz, Anna\"\r\n", "Öz, Anna")]
    [InlineData("\ufeffuserid;ADDRESS;displayname\nanna;anna@contoso.example;Öz, Anna", "Öz, Anna")]
    [InlineData("DisplayName\tAddress\tUserId\nÖz; Anna\tanna@contoso.example\tanna\n\n\n", "Öz; Anna")]
    [InlineData("\"UserId\",\"Address\",\"DisplayName\"\n\"anna\",\"anna@contoso.example\",\"The \"\"boss\"\"\"\n", "The \"boss\"")]
    [InlineData("UserId,Address,DisplayName\n anna , anna@contoso.example ,  Anna  \n,,\n", "Anna")]
    public void Commas_semicolons_tabs_quotes_a_mark_of_UTF8_and_columns_in_any_order_are_read(string text, string name)
    {
        var preview = Judge(text);
        Assert.Empty(preview.Faults);
        var person = Assert.Single(preview.Changes).Change.Person;
        Assert.Equal(("anna", "anna@contoso.example", name), (person.UserId, $"{person.Address}", person.DisplayName));
    }

    [Theory]
    [InlineData("", "Line 1: The file is empty.")]
    [InlineData("\n\n", "Line 1: The file is empty.")]
    [InlineData("UserId,DisplayName\nanna,Anna", "Line 1, Address: This column is missing")]
    [InlineData("UserId,Address,Colour\nanna,anna@contoso.example,red", "Line 1: “Colour” is no column of this file.")]
    [InlineData("UserId,Address,userid\nanna,anna@contoso.example,anna", "Line 1, UserId: This column is there twice.")]
    [InlineData("UserId,Address\n\nanna,anna@contoso.example\nben,no address", "Line 4, Address: “no address” is not a mail address.")]
    [InlineData("UserId,Address\nanna,anna@contoso.example,more", "Line 2: It has 3 cells, and the first line has 2.")]
    [InlineData("UserId,Address\nanna", "Line 2, Address: A user needs a mail address")]
    [InlineData("UserId,Address\n,anna@contoso.example", "Line 2, UserId: It is empty.")]
    [InlineData("UserId,Address\nanna,anna@contoso.example\nANNA,other@contoso.example", "Line 3, UserId: This user stands in line 2 already.")]
    [InlineData("UserId,Address\nanna,anna@contoso.example\nben,ANNA@contoso.example", "Line 3, Address: It is the same as in line 2")]
    [InlineData("UserId,Address\nanna,known@contoso.example", "Line 2, Address: This address belongs to the user “known” already.")]
    [InlineData("UserId,Address,CardId\nanna,anna@contoso.example,known card", "Line 2, CardId: This card belongs to the user “known” already.")]
    [InlineData("UserId,Address,IdNumber\nanna,anna@contoso.example,204816\nben,ben@contoso.example,204816", "Line 3, IdNumber: It is the same as in line 2")]
    [InlineData("UserId,Address,Administrator\nanna,anna@contoso.example,perhaps", "Line 2, Administrator: It is yes or no.")]
    [InlineData("UserId,Address,IdNumber\nanna,anna@contoso.example,123456", "Line 2, IdNumber: This ID number is one of the first")]
    [InlineData("UserId,Address,DisplayName\nanna,anna@contoso.example,\"two\nlines\"\nben,ben,x", "Line 2, DisplayName: A display name has at most 32 characters.")]
    [InlineData("UserId,Address,DisplayName\nanna,anna@contoso.example,\"never\nended,\nben,ben@contoso.example,Ben\n", "Line 2, DisplayName: The quotation marks do not fit")]
    [InlineData("UserId,Address,DisplayName\nanna,anna@contoso.example,5\" disk\n", "Line 2, DisplayName: The quotation marks do not fit")]
    [InlineData("UserId,Address,DisplayName\nanna,anna@contoso.example,\"a\"b\n", "Line 2, DisplayName: The quotation marks do not fit")]
    public async Task A_fault_tells_its_line_and_column(string text, string fault)
    {
        await _folder.AddAsync("known", PeopleFolder.Typed(card: "known card"));
        Assert.StartsWith(fault, Judge(text).Faults[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_are_counted_over_cells_of_several_lines()
    {
        var faults = Judge("UserId,Address,Department\r\nanna,anna@contoso.example,\"a\r\nb\r\nc\"\r\nben,nowhere,x\r\nchris,nowhere,x\r\n").Faults;
        Assert.Equal([2, 5, 6], faults.Select(fault => fault.Line));
    }

    [Fact]
    public void What_is_no_file_of_users_is_refused_in_a_sentence()
    {
        Assert.Contains("not in UTF-8", Fault([0x55, 0xfc, 0x0a]), StringComparison.Ordinal);
        Assert.Contains("larger than 1 MB", Fault(new byte[(1 << 20) + 1]), StringComparison.Ordinal);
        Assert.NotEmpty(Fault(Encoding.UTF8.GetBytes(new string(',', 1_000_000))));
        Assert.NotEmpty(Fault(Encoding.UTF8.GetBytes(new string('"', 999_999))));
        Assert.Contains("more than 5,000", Fault(Encoding.UTF8.GetBytes("UserId,Address\n" + string.Concat(Enumerable.Range(1, 5_001).Select(i => $"u{i},u{i}@contoso.example\n")))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_import_is_done_as_a_whole_or_not_at_all_and_keeps_what_a_cell_leaves_empty()
    {
        var anna = await _folder.AddAsync("anna", PeopleFolder.Typed("correct horse", "204816", "card 1"));
        var ben = await _folder.AddAsync("ben", PeopleFolder.Typed(card: "card 2"));
        await _folder.AddAsync("chris");
        // Anna and Ben exchange addresses and cards; Chris stays; Dora is new.
        const string text = """
            UserId,Address,DisplayName,Department,CardId,IdNumber
            Anna,ben@contoso.example,Anna Ö.,,card 2,204816
            ben,anna@contoso.example,,Sales,card 1,
            chris,chris@contoso.example,,,,
            dora,dora@contoso.example,Dora,,,
            """;
        var preview = Judge(text);
        Assert.Empty(preview.Faults);
        Assert.Equal(["dora"], preview.New.Select(line => line.UserId));
        Assert.Equal(["UserId, DisplayName, Address, CardId", "Address, Department, CardId"], preview.Changed.Select(line => string.Join(", ", line.Fields.OrderBy(field => Array.IndexOf([.. PeopleFile.Columns], field)))));
        Assert.Equal(1, preview.Unchanged);
        Assert.IsType<PeopleSave.Saved>(await _folder.People.SaveAllAsync([.. preview.Changes.Select(one => one.Change)], null, TestContext.Current.CancellationToken));
        Assert.Equal(("Anna", "Anna Ö.", "ben@contoso.example", true), (_folder.People.Find(anna.Id)!.UserId, _folder.People.Find(anna.Id)!.DisplayName, $"{_folder.People.Find(anna.Id)!.Address}", _folder.People.Find(anna.Id)!.HasPassword));
        Assert.Equal((anna.Id, ben.Id, anna.Id), (_folder.People.FindByCard("card 2")!.Id, _folder.People.FindByCard("card 1")!.Id, _folder.People.FindByIdNumber("204816")!.Id));
        Assert.Equal(4, Judge(text).Unchanged);
        // The third of three is wrong by what the disk knows only when it is written.
        var (one, two) = (new Person { Id = 0, UserId = "one", Address = MailAddress.Parse("one@contoso.example") }, new Person { Id = 0, UserId = "ONE", Address = MailAddress.Parse("two@contoso.example") });
        var refused = Assert.IsType<PeopleSave.Refused>(await _folder.People.SaveAllAsync([new(_folder.People.Find(ben.Id)! with { Department = "Other" }, new()), new(one, new()), new(two, new())], null, TestContext.Current.CancellationToken));
        Assert.Equal(2, refused.Index);
        Assert.Equal((4, "Sales"), (_folder.People.All.Count, _folder.People.Find(ben.Id)!.Department));
    }

    [Fact]
    public async Task An_export_holds_no_secret_guards_formulas_and_comes_back_exactly()
    {
        var names = new[] { "=1+1", "'=1+1", "+49", "-x", "@home", "'quoted'", "a \"b\", c; d", "''", "O'Neill" };
        for (var i = 0; i < names.Length; i++)
            Assert.IsType<PersonSave.Saved>(await _folder.People.SaveAsync(new Person { Id = 0, UserId = $"{names[i]}{i}", DisplayName = names[i], Department = names[i], Address = MailAddress.Parse($"=u{i}@contoso.example"), IsAdministrator = i % 2 == 0 },
                PeopleFolder.Typed("canary-password", null, $"canary-card-{i}")));
        var octets = PeopleFile.Write(_folder.People.All);
        var text = Encoding.UTF8.GetString(octets);
        Assert.DoesNotContain("canary", text, StringComparison.Ordinal);
        Assert.StartsWith("\ufeffUserId,DisplayName,Address,SignInName,Department,Administrator\r\n'=1+10,'=1+1,'=u0@contoso.example,,'=1+1,yes\r\n", text, StringComparison.Ordinal);
        var preview = PeopleImport.Judge(PeopleFile.Read(octets), _folder.People);
        Assert.Empty(preview.Faults);
        Assert.Equal((0, 0, names.Length), (preview.New.Count, preview.Changed.Count, preview.Unchanged));
        // A password is taken as it is, apostrophe and all.
        var line = PeopleFile.Read("UserId,Address,Password\nx,x@contoso.example,'=12345678\n"u8).Lines[0];
        Assert.Equal("'=12345678", line[PeopleFile.Password]);
    }

    [Fact]
    public async Task Five_thousand_people_are_kept_and_not_one_more()
    {
        var text = new StringBuilder("UserId,Address\n");
        for (var i = 1; i < PersonRegister.Most; i++) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"user{i},user{i}@contoso.example\n");
        Assert.IsType<PeopleSave.Saved>(await _folder.People.SaveAllAsync([.. Judge(text.ToString()).Changes.Select(one => one.Change)], null, TestContext.Current.CancellationToken));
        await _folder.AddAsync("last");
        Assert.Contains("5,000", Assert.IsType<PersonSave.Refused>(await _folder.TryAddAsync("more")).Sentence, StringComparison.Ordinal);
        Assert.Contains("5,000", Assert.Single(Judge("UserId,Address\nmore,more@contoso.example").Faults).Sentence, StringComparison.Ordinal);
        Assert.NotNull(_folder.People.FindByUserId("USER4999"));
    }

    private ImportPreview Judge(string text) => PeopleImport.Judge(PeopleFile.Read(Encoding.UTF8.GetBytes(text)), _folder.People);

    private string Fault(byte[] octets) => PeopleImport.Judge(PeopleFile.Read(octets), _folder.People).Faults[0].Sentence;
}
