using DeviceMail.Accounts;
using DeviceMail.Messages;
using DeviceMail.Network;
using DeviceMail.Storage;
using DeviceMail.Tests.Kit;
using Microsoft.Extensions.Time.Testing;

namespace DeviceMail.Tests.Accounts;

/// <summary>Accounts and their sign-ins on a real disk, with a clock the test moves.</summary>
internal sealed class AccountFolder : IAsyncDisposable
{
    public AccountFolder()
    {
        Secrets = new SecretStore(Folder.Data, Keyring.Load(Folder.Data));
        Outside = TestOutside.Of(Folder.Data, Folder.Database, Time);
        Channel = new OAuthChannel(Outside.Roots, Outside.Way, new GatewayClock(Time), Time);
        Accounts = new AccountRegister(Folder.Database, Secrets);
        Status = new AccountStatusBoard(Accounts, Time);
        Tokens = new TokenKeeper(Accounts, Status, Secrets, Channel, Time);
    }

    public QueueFolder Folder { get; } = new();

    public FakeTimeProvider Time => Folder.Time;

    public SecretStore Secrets { get; }

    public Outside Outside { get; }

    public OAuthChannel Channel { get; }

    public AccountRegister Accounts { get; }

    public AccountStatusBoard Status { get; }

    public TokenKeeper Tokens { get; }

    /// <summary>An account that signs in at that provider and sends by that port of this machine.</summary>
    public static Account Describe(string address, int port, ScriptedProvider? provider = null) => new()
    {
        Id = 0,
        Address = MailAddress.Parse(address),
        Provider = "custom",
        Method = provider is null ? AuthenticationMethod.Off : AuthenticationMethod.OAuth2,
        ClientId = "client",
        OAuth = new OAuthEndpoints { Token = $"{provider?.Address}/token", DeviceAuthorization = $"{provider?.Address}/device", Scopes = "send offline_access" },
        Host = "127.0.0.1",
        Port = port,
        Security = ConnectionSecurity.None,
        SizeLimit = 157_286_400,
        Budget = new Budget(3, 0, 0),
    };

    public async Task<Account> AddAsync(Account account) => Assert.IsType<AccountSave.Saved>(await Accounts.SaveAsync(account)).Account;

    /// <summary>As if a person had signed it in: a refresh token on the disk, no access token yet.</summary>
    public Task SignInAsync(Account account, string refreshToken = "refresh-0") => Tokens.ReplaceAsync(account, null, async () =>
    {
        Secrets.Put(SecretNames.RefreshToken(account), new Secret(refreshToken));
        var now = Time.GetUtcNow();
        await Status.ReportSignInAsync(account, _ => new SignInRecord { Since = now, LastRefreshed = now });
    });

    public string? RefreshTokenOf(Account account) => Secrets.Find(SecretNames.RefreshToken(account))?.Reveal();

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        Secrets.Dispose();
        await Folder.DisposeAsync();
    }
}
