using System.Net;
using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.EmailServer;
using DeviceMail.Storage;
using DeviceMail.Tests.Kit;
using DeviceMail.Web;
using Microsoft.Extensions.DependencyInjection;

namespace DeviceMail.Tests.EmailServer;

/// <summary>Secrets go in and never come out.</summary>
public sealed class SecretsTests
{
    private const string Canary = "canary-7f3a-password", Canary2 = "canary-91bd-token";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_page_export_audit_entry_or_activity_shows_a_stored_secret()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        using var visitor = new WebVisitor(gateway.Web, gateway.Services.GetRequiredService<ServerCertificate>().Certificate);
        using var login = await visitor.PostAsync("/login", ("password", LabGateway.Password));
        await gateway.SignInAsync();
        gateway.Services.GetRequiredService<SecretStore>().Put(SecretNames.RefreshToken(gateway.Account), new Secret(Canary2));
        using var made = await visitor.PostAsync("/email-server", ("account", "new"), ("do", "ok"), ("method", "SmtpAuth"), ("service", "custom"), ("sender", "relay@contoso.example"),
            ("account-name", "relay"), ("server", "127.0.0.1"), ("port", "2"), ("secure", "None"), ("password", Canary));
        Assert.Equal(HttpStatusCode.SeeOther, made.StatusCode);
        var relay = gateway.Services.GetRequiredService<AccountRegister>().All.Single(account => account.Address.ToString() == "relay@contoso.example");
        Assert.Equal(Canary, gateway.Services.GetRequiredService<PasswordKeeper>().Find(relay)?.Reveal());

        var texts = new List<string>();
        foreach (var path in Menu.Tabs.SelectMany(tab => tab.Pages).Select(page => page.Address).Concat([$"/email-server?account={relay.Id}", $"/email-server/sign-in?account={gateway.Account.Id}", $"/email-server/check?account={relay.Id}"]))
            texts.Add(await visitor.ReadAsync(path));
        using var export = await visitor.PostAsync("/settings/export");
        texts.Add(await export.Content.ReadAsStringAsync(Cancel));
        // A page that refuses does not repeat the password either.
        using var refused = await visitor.PostAsync("/email-server", ("account", $"{relay.Id}"), ("do", "ok"), ("port", "0"), ("password", Canary));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        texts.Add(await refused.Content.ReadAsStringAsync(Cancel));
        texts.AddRange(gateway.Services.GetRequiredService<AuditLog>().List(null, 100).Select(entry => entry.ToString()));
        texts.AddRange(gateway.Services.GetRequiredService<ActivityLog>().Latest(100).Select(entry => entry.ToString()));
        Assert.All(texts, text => Assert.DoesNotContain("canary", text, StringComparison.OrdinalIgnoreCase));
        Assert.Contains(gateway.Services.GetRequiredService<AuditLog>().List(null, 100), entry => entry.Deed.What == "Set the account's password");
    }

    [Fact]
    public async Task A_password_that_waits_for_the_administrators_is_in_no_page()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = await gateway.LogInAsync();
        gateway.Time.Advance(TimeSpan.FromMinutes(6));
        using var asked = await visitor.PostAsync("/email-server", ("account", "new"), ("do", "ok"), ("method", "SmtpAuth"), ("service", "custom"), ("sender", "relay@contoso.example"),
            ("account-name", "relay"), ("server", "127.0.0.1"), ("port", "2"), ("secure", "None"), ("password", Canary));
        Assert.Equal(HttpStatusCode.Forbidden, asked.StatusCode);
        Assert.DoesNotContain(Canary, await asked.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Empty(gateway.Part<AccountRegister>().All);
        using var done = await visitor.PostAsync("/confirm", ("password", WebGateway.Password));
        Assert.Equal(HttpStatusCode.SeeOther, done.StatusCode);
        Assert.Equal(Canary, gateway.Part<PasswordKeeper>().Find(Assert.Single(gateway.Part<AccountRegister>().All))?.Reveal());
    }

    [Fact]
    public async Task Five_minutes_after_the_password_no_sign_in_starts_without_it()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = await gateway.LogInAsync();
        using var made = await visitor.PostAsync("/email-server", ("account", "new"), ("do", "sign-in"), ("method", "OAuth2"), ("service", "custom"), ("sender", "scan@contoso.example"),
            ("client", "app"), ("scopes", "mail"), ("device-authorization", "http://127.0.0.1:2/device"), ("token", "http://127.0.0.1:2/token"), ("server", "127.0.0.1"), ("port", "2"), ("secure", "None"));
        Assert.Equal("/email-server/sign-in?account=1", made.Headers.Location?.ToString());
        gateway.Time.Advance(TimeSpan.FromMinutes(6));
        foreach (var button in (string[])["start", "new-code", ""])
            Assert.Equal(HttpStatusCode.Forbidden, (await visitor.PostAsync("/email-server/sign-in", ("account", "1"), ("do", button))).StatusCode);
    }

    [Fact]
    public async Task Another_address_ends_the_stored_sign_in_and_the_status_says_so_at_once()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.SignInAsync();
        var desk = gateway.Services.GetRequiredService<EmailServerDesk>();
        Assert.IsType<DeskOutcome.Done>(await desk.SaveAsync(gateway.Account, BasicForm.Of(gateway.Account) with { Host = "capture.example" }, new TypedSecrets(null)));
        Assert.Null(gateway.Services.GetRequiredService<SecretStore>().Find(SecretNames.RefreshToken(gateway.Account)));
        Assert.IsType<AccountStatus.NotSignedIn>(gateway.Status.StatusOf(gateway.Account.Id));
    }
}
