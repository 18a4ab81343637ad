using System.Text;
using System.Text.Json;
using System.Buffers.Text;
using DeviceMail.Lab.Entra;
using DeviceMail.Tests.Kit;
using Microsoft.Playwright;

namespace DeviceMail.Tests.Cloud;

/// <summary>The lab's authorize and admin consent endpoints are as strict as Entra's.</summary>
public sealed class BrowserSignInTests
{
    private const string Both = $"openid profile offline_access {LabCaller.SmtpScope} {LabCaller.GraphScope}";

    [Fact]
    public async Task A_code_is_redeemed_once_with_the_right_verifier_for_one_of_the_consented_resources()
    {
        await using var caller = await LabCaller.StartAsync();
        var landed = caller.Lab.Authorizations.Approve(caller.Authorize(Both), LabCaller.Mailbox);
        Assert.Equal("s1", LabCaller.Query(landed, "state"));
        Assert.NotEmpty(LabCaller.Query(landed, "session_state"));

        Assert.Equal(501481, LabCaller.Number(await caller.RedeemAsync(landed, ("code_verifier", "another"))));
        var answer = await caller.RedeemAsync(landed, ("code_verifier", LabCaller.Verifier), ("scope", $"{LabCaller.GraphScope} offline_access"));
        Assert.Contains(LabCaller.GraphScope, answer.GetProperty("scope").GetString(), StringComparison.Ordinal);
        var claims = JsonSerializer.Deserialize<JsonElement>(Base64Url.DecodeFromChars(answer.GetProperty("id_token").GetString()!.Split('.')[1]));
        Assert.Equal("n1", claims.GetProperty("nonce").GetString());

        var again = await caller.RedeemAsync(landed, ("code_verifier", LabCaller.Verifier));
        Assert.Equal((54005, "invalid_grant"), (LabCaller.Number(again), again.GetProperty("error").GetString()));
    }

    [Fact]
    public async Task The_refresh_token_of_a_browser_sign_in_serves_both_resources_and_no_policy_against_device_code_touches_it()
    {
        await using var caller = await LabCaller.StartAsync();
        caller.Lab.Switches.DeviceCodeBlocked = true;
        var landed = caller.Lab.Authorizations.Approve(caller.Authorize(Both), LabCaller.Mailbox);
        var refresh = (await caller.RedeemAsync(landed, ("code_verifier", LabCaller.Verifier))).GetProperty("refresh_token").GetString()!;
        foreach (var scope in (string[])[LabCaller.SmtpScope, LabCaller.GraphScope])
            Assert.Equal(scope, (await caller.TokenAsync("organizations", ("grant_type", "refresh_token"), ("refresh_token", refresh), ("scope", scope))).GetProperty("scope").GetString());
    }

    [Fact]
    public async Task Each_application_has_redirect_URIs_of_its_own_and_redeems_its_own_codes_alone()
    {
        await using var caller = await LabCaller.StartAsync();
        var other = caller.Lab.Directory.Make(new() { DisplayName = "Other", PublicClient = new(["app://other"]) });
        var asked = new Uri(caller.Authorize(LabCaller.SmtpScope).AbsoluteUri.Replace($"{LabTenant.ClientId}", other.AppId, StringComparison.Ordinal));
        Assert.Equal(50011, caller.Lab.Authorizations.Open(asked).Refusal?.Number);
        caller.Lab.Directory.Change(other.Id, new() { PublicClient = new(["http://localhost"]) });
        var landed = caller.Lab.Authorizations.Approve(asked, LabCaller.Mailbox);
        Assert.Equal(70000, LabCaller.Number(await caller.RedeemAsync(landed, ("code_verifier", LabCaller.Verifier))));
    }

    [Fact]
    public async Task A_code_dies_after_ten_minutes_and_belongs_to_its_redirect_URI()
    {
        var time = new SteppedTime();
        await using var caller = await LabCaller.StartAsync(time);
        var landed = caller.Lab.Authorizations.Approve(caller.Authorize(LabCaller.SmtpScope), LabCaller.Mailbox);
        var elsewhere = await caller.TokenAsync("organizations", ("grant_type", "authorization_code"), ("code", LabCaller.Query(landed, "code")),
            ("redirect_uri", "http://localhost:9"), ("code_verifier", LabCaller.Verifier));
        Assert.Equal(500112, LabCaller.Number(elsewhere));
        time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(70008, LabCaller.Number(await caller.RedeemAsync(landed, ("code_verifier", LabCaller.Verifier))));
    }

    [Fact]
    public async Task Only_registered_redirect_URIs_are_used_and_all_other_faults_go_back_to_the_application()
    {
        await using var caller = await LabCaller.StartAsync();
        var desk = caller.Lab.Authorizations;
        Uri To(string redirect) => new(caller.Authorize(LabCaller.SmtpScope).AbsoluteUri.Replace(Uri.EscapeDataString(LabCaller.Redirect), Uri.EscapeDataString(redirect), StringComparison.Ordinal));
        foreach (var redirect in (string[])["http://localhost:5123/back", "http://127.0.0.1:5123", "https://gateway.example/signin", "https://localhost"])
            Assert.Equal(50011, desk.Open(To(redirect)).Refusal?.Number);
        Assert.Equal(50011, desk.Open(To("http://localhost.evil.example")).Refusal?.Number);
        caller.Lab.Tenant.AllowRedirect(new Uri("https://gateway.example/signin"));
        foreach (var redirect in (string[])["https://gateway.example/signin", "http://localhost", "http://localhost:1/"])
            Assert.NotNull(desk.Open(To(redirect)).Visit);

        var plain = new Uri(caller.Authorize(LabCaller.SmtpScope).AbsoluteUri.Replace("S256", "plain", StringComparison.Ordinal));
        Assert.Equal("invalid_request", LabCaller.Query(desk.Open(plain).Location!, "error"));
        Assert.Equal("invalid_scope", LabCaller.Query(desk.Open(caller.Authorize("https://graph.microsoft.com/Calendars.Read")).Location!, "error"));
        Assert.Equal("login_required", LabCaller.Query(desk.Open(caller.Authorize(LabCaller.SmtpScope, "&prompt=none")).Location!, "error"));
    }

    [Fact]
    public async Task Cancel_and_the_policy_against_user_consent_say_what_Entra_says()
    {
        await using var caller = await LabCaller.StartAsync();
        var landed = caller.Lab.Authorizations.Decline(caller.Authorize(LabCaller.SmtpScope), LabCaller.Mailbox);
        Assert.Equal(("access_denied", "cancel", "s1"), (LabCaller.Query(landed, "error"), LabCaller.Query(landed, "error_subcode"), LabCaller.Query(landed, "state")));
        Assert.StartsWith("AADSTS65004", LabCaller.Query(landed, "error_description"), StringComparison.Ordinal);
        caller.Lab.Switches.UserConsentOff = true;
        Assert.Equal(90094, caller.Lab.Authorizations.Go(caller.Authorize(LabCaller.SmtpScope), LabCaller.Mailbox, ConsentDecision.Accept).Refusal?.Number);
        Assert.NotEmpty(LabCaller.Query(caller.Lab.Authorizations.ApproveForOrganisation(caller.Authorize(LabCaller.SmtpScope), "admin@contoso.example"), "code"));
        Assert.NotEmpty(LabCaller.Query(caller.Lab.Authorizations.Approve(caller.Authorize(LabCaller.SmtpScope), LabCaller.Mailbox), "code"));
    }

    [Fact]
    public async Task Admin_consent_grants_for_the_organisation_and_only_an_administrator_gives_it()
    {
        await using var caller = await LabCaller.StartAsync();
        var scope = Uri.EscapeDataString("https://graph.microsoft.com/.default");
        var url = new Uri(caller.Lab.Web, $"organizations/v2.0/adminconsent?client_id={LabTenant.ClientId}&scope={scope}&redirect_uri={Uri.EscapeDataString(LabCaller.Redirect)}&state=s2");
        Assert.Equal(90094, caller.Lab.Authorizations.Go(url, LabCaller.Mailbox, ConsentDecision.Accept).Refusal?.Number);
        Assert.Equal("consent_required", LabCaller.Query(caller.Lab.Authorizations.Decline(url, "admin@contoso.example"), "error"));
        Assert.Empty(caller.Lab.Tenant.ApplicationPermissions);

        var landed = caller.Lab.Authorizations.Approve(url, "admin@contoso.example");
        Assert.Equal(("True", LabTenant.TenantId.ToString(), "s2"), (LabCaller.Query(landed, "admin_consent"), LabCaller.Query(landed, "tenant"), LabCaller.Query(landed, "state")));
        Assert.Equal(["graph/Mail.Send", "outlook/SMTP.SendAsApp"], caller.Lab.Tenant.ApplicationPermissions);
        Assert.True(caller.Lab.Tenant.HasConsented(caller.Lab.Tenant.Find(LabCaller.Mailbox)!, "outlook/SMTP.Send"));
        caller.Lab.Switches.ConsentWrongTenant = true;
        Assert.NotEqual(LabTenant.TenantId.ToString(), LabCaller.Query(caller.Lab.Authorizations.Approve(url, "admin@contoso.example"), "tenant"));
    }

    [Fact]
    public async Task A_person_goes_through_the_pages_and_the_browser_comes_back_with_a_code()
    {
        await using var caller = await LabCaller.StartAsync();
        await using var http = new PlainHttp { Answer = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 30\r\n\r\n<title>Back</title><main>Back." };
        await using var browser = await Browser.OpenAsync(caller.Lab.Web);
        var redirect = $"http://localhost:{http.Port}";
        await browser.GoAsync(caller.Authorize(Both, "&login_hint=fax@contoso.example").PathAndQuery.Replace(Uri.EscapeDataString(LabCaller.Redirect), Uri.EscapeDataString(redirect), StringComparison.Ordinal));
        await Assertions.Expect(browser.Field("Pick an account")).ToHaveValueAsync("fax@contoso.example");
        await browser.ShowAsync("lab-pick-an-account");
        await browser.Field("Pick an account").SelectOptionAsync(LabCaller.Mailbox);
        await browser.PressAsync("Sign in");
        await browser.SeesAsync(LabCaller.SmtpScope);
        await browser.SeesAsync(LabCaller.GraphScope);
        await browser.ShowAsync("lab-consent");
        await browser.PressAsync("Accept");
        await browser.SeesAsync("Back.");
        Assert.Contains(http.Requests, request => request.Line.StartsWith("GET /?code=1.LAB.", StringComparison.Ordinal));

        await browser.GoAsync("/certificates");
        await browser.ShowAsync("lab-certificates");
        await browser.Field("Certificate (PEM)").FillAsync("nothing");
        await browser.PressAsync("Upload certificate");
        await browser.SeesAsync("This is no certificate in PEM");
        await browser.GoAsync("/");
        await browser.SeesAsync(LabTenant.ClientSecret);
        await browser.ShowAsync("lab-home");
    }
}
