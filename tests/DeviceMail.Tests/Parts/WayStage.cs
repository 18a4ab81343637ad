using DeviceMail.Accounts;
using DeviceMail.Messages;
using DeviceMail.Storage;
using DeviceMail.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;

namespace DeviceMail.Tests.Parts;

/// <summary>A gateway that trusts a test's own authority, and behind it a mail server that asks a provider about each token and hands mail on to a sink.</summary>
public sealed class WayStage : IAsyncDisposable
{
    public const string Mailbox = "scanner@example.test";

    /// <summary>Where a provider leads the browser; nobody listens there.</summary>
    public const string Redirect = "http://127.0.0.1:45000/answer";

    private DovecotSubmission? _dovecot;

    private WayStage(TestAuthority authority, LabGateway gateway, SmtpSink sink) => (Authority, Gateway, Sink) = (authority, gateway, sink);

    public TestAuthority Authority { get; }

    public LabGateway Gateway { get; }

    public SmtpSink Sink { get; }

    public AccountRegister Accounts => Gateway.Services.GetRequiredService<AccountRegister>();

    public AccountSignIn SignIn => Gateway.Services.GetRequiredService<AccountSignIn>();

    public TokenKeeper Tokens => Gateway.Services.GetRequiredService<TokenKeeper>();

    public ClientCredentials Credentials => Gateway.Services.GetRequiredService<ClientCredentials>();

    public SecretStore Secrets => Gateway.Services.GetRequiredService<SecretStore>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<WayStage> StartAsync()
    {
        var authority = new TestAuthority();
        var stage = new WayStage(authority, await LabGateway.StartAsync(), await SmtpSink.StartAsync());
        File.Copy(authority.RootFile, Path.Combine(stage.Gateway.Services.GetRequiredService<DataFolder>().TrustedRoots, "parts.pem"));
        return stage;
    }

    /// <summary>Starts the mail server; accounts that are saved from now on send through it.</summary>
    public async Task ServeAsync(string introspectionAddress) => _dovecot = await DovecotSubmission.StartAsync(introspectionAddress, Sink, Authority);

    /// <summary>An account of a provider that the gateway knows nothing of.</summary>
    public static Account Describe(string clientId, OAuthEndpoints endpoints) => new()
    {
        Id = 0,
        Address = MailAddress.Parse(Mailbox),
        Provider = "custom",
        Method = AuthenticationMethod.OAuth2,
        ClientId = clientId,
        OAuth = endpoints,
        Host = "127.0.0.2",
        Port = 587,
        Security = ConnectionSecurity.StartTls,
        SizeLimit = 36_700_160,
        Budget = new Budget(3, 0, 0),
        RoutedSenders = [MailDevice.Address],
    };

    public async Task<Account> SaveAsync(Account account, string? clientSecret = null)
    {
        var served = _dovecot is null ? account : account with { Host = _dovecot.Host, Port = _dovecot.Port };
        return Assert.IsType<AccountSave.Saved>(await Accounts.SaveAsync(served, new TypedSecrets(null, clientSecret is null ? null : new Secret(clientSecret)))).Account;
    }

    /// <summary>Begins a sign-in in a browser.</summary>
    /// <returns>The address that the browser is to open.</returns>
    public async Task<Uri> BeginAsync(Account account) =>
        Assert.IsType<SignInStart.InBrowser>(await SignIn.StartInBrowserAsync(account, Redirect, Cancel)).Address;

    public async Task<SignInStep> AnswerAsync(Account account, Uri landed)
    {
        var (whose, step) = await SignIn.AnswerAsync(landed.AbsoluteUri, Cancel);
        Assert.Equal(account.Id, whose?.Id);
        Assert.Equal(step, SignIn.StepOf(account.Id));
        return step;
    }

    /// <summary>The address belongs to no attempt, or was answered before.</summary>
    public async Task IsNobodysAsync(Uri landed)
    {
        var (whose, step) = await SignIn.AnswerAsync(landed.AbsoluteUri, Cancel);
        Assert.Null(whose);
        Assert.IsType<SignInStep.Expired>(step);
    }

    /// <summary>Hands in a mail, which reaches the sink as the account's.</summary>
    public async Task SendAsync(string subject)
    {
        var before = Sink.Count;
        await Gateway.HandInAsync(subject, "desk@example.test");
        var sent = Assert.Single(await Sink.WaitForAsync(before + 1), mail => mail.Content.Contains($"\nSubject: {subject}\n", StringComparison.Ordinal));
        Assert.StartsWith($"<{Mailbox}>", sent.Sender, StringComparison.Ordinal);
        Assert.StartsWith("<desk@example.test>", Assert.Single(sent.Recipients), StringComparison.Ordinal);
    }

    /// <summary>Three refresh tokens, each good once; then mail goes by what the last one brought.</summary>
    public async Task RotateAsync(Account account)
    {
        var seen = new HashSet<string>();
        var token = Assert.IsType<AccessTokenResult.Ready>(await Tokens.GetAsync(account, Cancel)).Token;
        for (var rotation = 0; rotation < 3; rotation++)
        {
            Assert.True(seen.Add(Secrets.Find(SecretNames.RefreshToken(account))!.Reveal()));
            token = Assert.IsType<AccessTokenResult.Ready>(await Tokens.RefusedAsync(account, token, Cancel)).Token;
        }
        // A change of the account ends its open connections: the next mail shows its token anew.
        await SaveAsync(account with { OAuth = account.OAuth with { Mechanism = TokenMechanism.OAuthBearer } });
        await SendAsync("after three rotations");
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        if (_dovecot is not null) await _dovecot.DisposeAsync();
        await Sink.DisposeAsync();
        Authority.Dispose();
    }
}
