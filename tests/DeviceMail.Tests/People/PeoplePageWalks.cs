using System.Text;
using DeviceMail.People;
using DeviceMail.Tests.Kit;
using Microsoft.Playwright;

namespace DeviceMail.Tests.People;

/// <summary>To My Email > User Settings, walked by an administrator with a browser.</summary>
public sealed class PeoplePageWalks
{
    [Fact]
    public async Task A_user_is_added_with_an_ID_number_that_is_shown_once_changed_and_removed_after_a_question()
    {
        await using var gateway = await RelayGateway.StartAsync();
        var people = gateway.Part<PersonRegister>();
        await using var browser = await gateway.LogInAsync();
        await browser.OpenAsync("To My Email", "User Settings");
        await browser.SeesAsync("None yet. Add a user, or import a file with all of them");
        await browser.ShowAsync("people-none");
        await browser.FollowAsync("Add a user");
        await browser.ShowAsync("people-new");
        await browser.Field("User ID").FillAsync("anna");
        await browser.Field("Display name").FillAsync("<b>Anna</b>");
        await browser.Field("Mail address").FillAsync("anna@contoso.example");
        await browser.Field("Password").FillAsync("short");
        await browser.PressAsync("Add this user");
        await browser.SeesAsync("A password has 8 to 128 characters");
        await Assertions.Expect(browser.Field("Password")).ToHaveAttributeAsync("aria-invalid", "true");
        await Assertions.Expect(browser.Field("Password")).ToHaveValueAsync("");
        await browser.ShowAsync("people-fault");
        await browser.Field("Password").FillAsync("correct horse");
        await browser.Page.GetByLabel("make one").CheckAsync();
        await browser.PressAsync("Add this user");
        var number = await browser.Page.Locator("#new-id-number").TextContentAsync();
        Assert.Equal("anna", people.FindByIdNumber(number!)!.UserId);
        await browser.ShowAsync("people-number");
        await browser.Field("Card").FillAsync("0012345678");
        // A reader ends its line as the Enter key does.
        await browser.Field("Card").PressAsync("Enter");
        await browser.SeesAsync("Users: 1");
        await browser.SeesAsync("password, ID number, card");
        await browser.FollowAsync("<b>Anna</b>");
        await browser.SeesNotAsync(number!);
        await browser.PressAsync("Remove the card");
        await Assertions.Expect(browser.Button("Remove the card")).ToHaveCountAsync(0);
        Assert.False(people.All[0].HasCard);
        await browser.PressAsync("Make an ID number");
        await browser.PressAsync("Make a new ID number");
        Assert.NotEqual(number, await browser.Page.Locator("#new-id-number").TextContentAsync());
        await browser.PressAsync("Remove");
        await Assertions.Expect(browser.Button("Keep the user")).ToBeFocusedAsync();
        await browser.PressAsync("Remove this user");
        await browser.SeesAsync("None yet.");
        await browser.OpenAsync("Job/Status", "Activity");
        await browser.SeesAsync("(anna@contoso.example) was removed by the administrator in Web Config");
    }

    [Fact]
    public async Task A_file_is_looked_at_first_and_imported_by_OK_and_the_list_is_searched_and_paged()
    {
        await using var gateway = await RelayGateway.StartAsync();
        await using var browser = await gateway.LogInAsync();
        await browser.GoAsync("/people/import");
        await ChooseAsync(browser, "UserId;Address;DisplayName\nanna;anna@contoso.example;Anna\nben;nowhere;Ben\n");
        await browser.SeesAsync("Nothing was imported: one fault in the file");
        await browser.SeesAsync("Line 3, Address: “nowhere” is not a mail address.");
        await browser.ShowAsync("people-import-fault");
        var text = new StringBuilder("UserId,Address,DisplayName\n");
        for (var i = 1; i <= 60; i++) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"user{i:00},user{i:00}@contoso.example,Person {i:00}\n");
        await ChooseAsync(browser, text.ToString());
        await browser.SeesAsync("The file adds 60 users and changes 0");
        Assert.Empty(gateway.Part<PersonRegister>().All);
        await browser.ShowAsync("people-import");
        await browser.PressAsync("OK");
        await browser.SeesAsync("60 users added, 0 changed, 0 unchanged.");
        await browser.FollowAsync("Look at the users");
        await browser.SeesAsync("Page 1 of 2");
        await browser.ShowAsync("people");
        await browser.FollowAsync("Next page");
        await browser.SeesAsync("Person 60");
        await browser.Page.GetByLabel("Search users").FillAsync("USER07");
        await browser.PressAsync("Search");
        await browser.SeesAsync("Person 07");
        await browser.SeesNotAsync("Person 08");
        await browser.SeesAsync("Users: 60");
    }

    private static async Task ChooseAsync(Browser browser, string text)
    {
        await browser.Field("File").SetInputFilesAsync(new FilePayload { Name = "users.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(text) });
        await browser.PressAsync("Look at the file");
    }
}
