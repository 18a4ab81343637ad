using DeviceMail.Storage;

namespace DeviceMail.Accounts;

/// <summary>Under which name, and sealed to which addresses, an account's secrets are kept.</summary>
internal static class SecretNames
{
    public static string Owner(Account account) => $"account/{account.Id}";

    /// <summary>Everything a token or password of this account may be shown to. Another host, port, security, authority, tenant or client is another line.</summary>
    public static string Endpoint(Account account) => string.Join('|',
        account.Method, account.Host.ToLowerInvariant(), account.Port, account.Security, account.VerifiesCertificate, account.ClientId, account.TenantId,
        account.OAuth.Issuer, account.OAuth.DeviceAuthorization, account.OAuth.Token)
        + (account.Method == AuthenticationMethod.PopBeforeSmtp ? $"|{account.PopHost.ToLowerInvariant()}|{account.PopPort}" : "")
        + (account.SignInAs == SignInAs.Application ? "|application" : "")
        + (account.GraphAddress.Length > 0 ? $"|{account.GraphAddress}" : "");

    public static SecretName RefreshToken(Account account) => new(Owner(account), "refresh-token", Endpoint(account));

    public static SecretName StagedRefreshToken(Account account) => new(Owner(account), "staged-refresh-token", Endpoint(account));

    public static SecretName Password(Account account) => new(Owner(account), "password", Endpoint(account));

    public static SecretName ClientSecret(Account account) => new(Owner(account), "client-secret", Application(account));

    /// <param name="account">Whose application.</param>
    /// <param name="certificate">The certificate (PEM) that the key belongs to.</param>
    public static SecretName ClientKey(Account account, string certificate) => new(Owner(account), $"client-key-{ApplicationCertificate.Fingerprint(certificate)}", Application(account));

    /// <summary>All that can be kept for the account.</summary>
    public static IEnumerable<SecretName> All(Account account) =>
    [
        RefreshToken(account), StagedRefreshToken(account), Password(account), ClientSecret(account),
        .. new[] { account.Certificate, account.NextCertificate }.Where(one => one.Length > 0).Select(one => ClientKey(account, one)),
    ];

    /// <summary>Whether both are one application at one authority: what it proves itself with is shown to no other, whatever server mail goes to.</summary>
    public static bool IsSameApplication(Account one, Account other) => Application(one) == Application(other);

    private static string Application(Account account) => string.Join('|', "application", account.ClientId, account.TenantId, account.OAuth.Issuer, account.OAuth.Token);
}
