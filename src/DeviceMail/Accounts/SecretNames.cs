using DeviceMail.Storage;

namespace DeviceMail.Accounts;

/// <summary>Under which name, and sealed to which addresses, an account's secrets are kept.</summary>
internal static class SecretNames
{
    public static string Owner(Account account) => $"account/{account.Id}";

    /// <summary>Everything a secret of this account may be shown to. Another host, port, security, authority, tenant or client is another line.</summary>
    public static string Endpoint(Account account) => string.Join('|',
        account.Method, account.Host.ToLowerInvariant(), account.Port, account.Security, account.VerifiesCertificate, account.ClientId, account.TenantId,
        account.OAuth.Issuer, account.OAuth.DeviceAuthorization, account.OAuth.Token)
        + (account.Method == AuthenticationMethod.PopBeforeSmtp ? $"|{account.PopHost.ToLowerInvariant()}|{account.PopPort}" : "");

    public static SecretName RefreshToken(Account account) => new(Owner(account), "refresh-token", Endpoint(account));

    public static SecretName StagedRefreshToken(Account account) => new(Owner(account), "staged-refresh-token", Endpoint(account));

    public static SecretName Password(Account account) => new(Owner(account), "password", Endpoint(account));
}
