using DeviceMail.Accounts;
using DeviceMail.Storage;

namespace DeviceMail.Tests.Accounts;

/// <summary>Accounts as an earlier version wrote them go on, and have the new ways.</summary>
public sealed class EarlierAccountTests
{
    private const string Earlier = """
        {"id":0,"address":"scan@contoso.example","provider":"exchange-online","method":"OAuth2","clientId":"d0c0ffee-0000-4000-8000-0000deadbeef","tenantId":"contoso.example",
         "oAuth":{"issuer":"","deviceAuthorization":"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/devicecode","token":"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
                  "scopes":"https://outlook.office.com/SMTP.Send offline_access openid profile email","mechanism":"XOAuth2"},
         "host":"smtp.office365.com","port":587,"security":"StartTls","verifiesCertificate":true,"userName":"","popHost":"","popPort":110,"senderPolicy":"Replace",
         "allowedSenders":[],"routedSenders":[],"sizeLimit":36700160,"budget":{"connections":3,"messagesPerMinute":25,"recipientsPerDay":10000},"isDefault":true,"isPaused":false}
        """;

    private const string Sealed = "OAuth2|smtp.office365.com|587|StartTls|True|d0c0ffee-0000-4000-8000-0000deadbeef|contoso.example||"
        + "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/devicecode|https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token";

    [Fact]
    public async Task What_it_stored_opens_and_its_sign_in_is_as_good_as_it_was()
    {
        await using var folder = new AccountFolder();
        var id = await folder.Folder.Database.WriteAsync(session =>
        {
            session.Execute("INSERT INTO account (address, settings, sign_in) VALUES ('scan@contoso.example', @1, @2)", Earlier, """{"since":"2026-11-01T10:00:00+00:00","lastRefreshed":"2026-11-20T10:00:00+00:00"}""");
            return session.LastId;
        });
        folder.Secrets.Put(new SecretName($"account/{id}", "refresh-token", Sealed), new Secret("refresh-of-old"));
        var accounts = new AccountRegister(folder.Folder.Database, folder.Secrets);
        var account = accounts.Find(id)!;
        Assert.Equal("refresh-of-old", folder.Secrets.Find(SecretNames.RefreshToken(account))?.Reveal());
        Assert.IsType<AccountStatus.SignedIn>(new AccountStatusBoard(accounts, folder.Time).SavedStatusOf(id));
        Assert.Equal((Transport.Smtp, SignInWay.DeviceCode), (accounts.SignInOf(id).For, accounts.SignInOf(id).By));
        Assert.Equal([Transport.Smtp, Transport.Graph], account.Transports);
        Assert.Equal("https://graph.microsoft.com/v1.0", account.Graph);
        Assert.Null(AccountRules.Fault(account));
        // A save that changes nothing of its addresses leaves it all in its place.
        Assert.IsType<AccountSave.Saved>(await accounts.SaveAsync(account with { IsPaused = true }, null, account));
        Assert.Equal("refresh-of-old", folder.Secrets.Find(SecretNames.RefreshToken(accounts.Find(id)!))?.Reveal());
    }

    [Fact]
    public async Task It_can_sign_in_in_a_browser_although_nobody_typed_where()
    {
        await using var folder = new AccountFolder();
        var account = Providers.Find("exchange-online")!.NewAccount(DeviceMail.Messages.MailAddress.Parse("scan@contoso.example"));
        account = account with { TenantId = "contoso.example", ClientId = "app", OAuth = account.OAuth with { Authorization = "" } };
        var (request, _) = await new AuthorizationCodes(folder.Channel, new ClientCredentials(folder.Secrets, folder.Time), folder.Time).StartAsync(account, "http://localhost:1234", TestContext.Current.CancellationToken);
        Assert.StartsWith("https://login.microsoftonline.com/contoso.example/oauth2/v2.0/authorize?", request!.Address.AbsoluteUri, StringComparison.Ordinal);
        Assert.DoesNotContain(' ', request.Address.AbsoluteUri);
        Assert.DoesNotContain(request.Verifier, request.Address.AbsoluteUri, StringComparison.Ordinal);
        Assert.Contains("code_challenge_method=S256", request.Address.Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_mail_server_ends_the_sign_in_and_keeps_what_the_application_proves_itself_with_and_another_application_ends_both()
    {
        await using var folder = new AccountFolder();
        var credentials = new ClientCredentials(folder.Secrets, folder.Time);
        var account = await folder.AddAsync(Providers.Find("exchange-online")!.NewAccount(DeviceMail.Messages.MailAddress.Parse("scan@contoso.example")) with { TenantId = "contoso.example", ClientId = "app", SignInAs = SignInAs.Application });
        account = await folder.AddAsync(credentials.MakeCertificate(account));
        Assert.IsType<AccountSave.Saved>(await folder.Accounts.SaveAsync(account, new TypedSecrets(null, new Secret("secret"))));
        await folder.SignInAsync(account);
        account = await folder.AddAsync(account with { Host = "smtp.contoso.example" });
        Assert.Null(folder.RefreshTokenOf(account));
        Assert.NotNull(folder.Secrets.Find(SecretNames.ClientKey(account, account.NextCertificate)));
        Assert.True(credentials.HasSecret(account));
        var (former, other) = (account, await folder.AddAsync(account with { ClientId = "another" }));
        Assert.Equal(("", ""), (other.Certificate, other.NextCertificate));
        Assert.False(credentials.HasSecret(other));
        Assert.False(folder.Secrets.Exists(SecretNames.Owner(former), SecretNames.ClientKey(former, former.NextCertificate).Field));
    }
}
