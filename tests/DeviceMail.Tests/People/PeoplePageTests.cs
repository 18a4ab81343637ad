using System.Net;
using System.Text;
using DeviceMail.Activity;
using DeviceMail.Messages;
using DeviceMail.People;
using DeviceMail.Storage;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.People;

/// <summary>The pages of users without a browser: what they must not show, and what an import waits for.</summary>
public sealed class PeoplePageTests
{
    private const string Password = "canary-password", Card = "canary-card", Number = "204816";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_secret_is_in_a_page_the_database_the_activity_the_audit_or_the_export()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = await gateway.LogInAsync();
        using (var added = await visitor.PostAsync("/people/new", ("do", "save"), ("user-id", "anna"), ("address", "anna@contoso.example"), ("password", Password), ("id-number", Number), ("card", Card)))
            Assert.Equal(HttpStatusCode.SeeOther, added.StatusCode);
        var id = gateway.Part<PersonRegister>().FindByCard(Card)!.Id;
        // A refused form does not give back what was typed.
        using var refused = await visitor.PostAsync($"/people/{id}", ("do", "save"), ("user-id", "anna"), ("address", "nowhere"), ("password", Password + "2"), ("id-number", Number), ("card", Card));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        using var looked = await UploadAsync(visitor, $"UserId,Address,Password,CardId\nben,ben@contoso.example,{Password},{Card}2\n");
        using var export = await visitor.PostAsync("/people/export");
        var seen = new StringBuilder();
        foreach (var answer in (HttpResponseMessage[])[refused, looked, export]) seen.Append(await answer.Content.ReadAsStringAsync(Cancel));
        foreach (var path in (string[])["/people", $"/people/{id}", "/people/import", "/activity", "/audit"]) seen.Append(await visitor.ReadAsync(path));
        foreach (var entry in gateway.Part<ActivityLog>().Latest(100)) seen.Append(entry.Sentence);
        Assert.Contains("anna@contoso.example", seen.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("canary", seen.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Number, seen.ToString(), StringComparison.Ordinal);
        foreach (var file in Directory.GetFiles(gateway.Database.Folder.Path, "*", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(file) is "lock" or "control.sock") continue;
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var octets = new MemoryStream();
            await stream.CopyToAsync(octets, Cancel);
            Assert.True(octets.ToArray().AsSpan().IndexOf("canary"u8) < 0, $"{file} holds a secret");
        }
    }

    [Fact]
    public async Task A_file_waits_for_the_login_that_looked_at_it_for_ten_minutes_and_only_while_it_is_still_right()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        var people = gateway.Part<PersonRegister>();
        using var visitor = await gateway.LogInAsync();
        using var other = await gateway.LogInAsync();
        using (await UploadAsync(visitor, "UserId,Address\nanna,anna@contoso.example\n"))
        using (var stranger = await other.PostAsync("/people/import", ("do", "import")))
            Assert.Contains("Choose it again.", await stranger.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        gateway.Time.Advance(TimeSpan.FromMinutes(11));
        using (var late = await visitor.PostAsync("/people/import", ("do", "import"))) Assert.Contains("Your password again", await late.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        using (var late = await visitor.PostAsync("/confirm", ("password", WebGateway.Password))) Assert.Contains("looked at too long ago", await late.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Empty(people.All);
        using (await UploadAsync(visitor, "UserId,Address\nanna,anna@contoso.example\nben,ben@contoso.example\n"))
        {
            // Somebody takes the address while the preview is looked at.
            Assert.IsType<PersonSave.Saved>(await people.SaveAsync(new Person { Id = 0, UserId = "benjamin", Address = MailAddress.Parse("ben@contoso.example") }));
            using var pressed = await visitor.PostAsync("/people/import", ("do", "import"));
            Assert.Equal(HttpStatusCode.SeeOther, pressed.StatusCode);
        }
        Assert.Contains("Line 3, Address: This address belongs to the user “benjamin” already.", WebUtility.HtmlDecode(await visitor.ReadAsync("/people/import")), StringComparison.Ordinal);
        Assert.Single(people.All);
    }

    [Fact]
    public async Task Many_passwords_are_made_ready_off_the_request()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = await gateway.LogInAsync();
        var text = new StringBuilder("UserId,Address,Password\n");
        for (var i = 1; i <= 51; i++) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"u{i},u{i}@contoso.example,a password {i}\n");
        using (await UploadAsync(visitor, text.ToString()))
        using (var pressed = await visitor.PostAsync("/people/import", ("do", "import")))
            Assert.Equal(HttpStatusCode.SeeOther, pressed.StatusCode);
        Assert.Contains("of 51 passwords are made ready", await visitor.ReadAsync("/people/import"), StringComparison.Ordinal);
        await Gateway.EventuallyAsync(async () => await visitor.ReadAsync("/people/import/state") == "over");
        Assert.Contains("51 users added, 0 changed, 0 unchanged.", await visitor.ReadAsync("/people/import"), StringComparison.Ordinal);
        Assert.All(gateway.Part<PersonRegister>().All, person => Assert.True(person.HasPassword));
    }

    [Fact]
    public async Task What_other_folders_know_is_asked_for_and_only_an_offered_button_works()
    {
        await using var folder = new PeopleFolder();
        var pressed = new List<string>();
        var person = await folder.AddAsync("anna");
        var extras = new PersonExtras([one => [new PersonFact("Sign-in", $"{one.UserId} is signed in", "ok")]],
        [
            new PersonAction("sign-out", "Sign Out", (one, who) => Task.FromResult(pressed.Count)) { IsOffered = _ => false },
            new PersonAction("note", "Note", (one, who) =>
            {
                pressed.Add($"{one.UserId} by {who}");
                return Task.CompletedTask;
            }),
        ]);
        Assert.Equal("anna is signed in", Assert.Single(extras.FactsOf(person)).Value);
        Assert.Null(await extras.PressAsync("sign-out", person, "somebody"));
        Assert.NotNull(await extras.PressAsync("note", person, "somebody"));
        Assert.Equal(["anna by somebody"], pressed);
    }

    private static async Task<HttpResponseMessage> UploadAsync(WebVisitor visitor, string text)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/people/import");
        request.Content = new MultipartFormDataContent
        {
            { new StringContent(await visitor.TokenAsync()), "form-token" },
            { new StringContent("look"), "do" },
            { new ByteArrayContent(Encoding.UTF8.GetBytes(text)), "file", "users.csv" },
        };
        return await visitor.SendAsync(request);
    }
}
