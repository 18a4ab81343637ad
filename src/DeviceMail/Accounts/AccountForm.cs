using DeviceMail.Messages;

namespace DeviceMail.Accounts;

/// <summary>Puts what was asked onto an account: a new one takes its provider's row first.</summary>
internal static class AccountForm
{
    private static readonly Dictionary<string, AuthenticationMethod> _methods = new(StringComparer.OrdinalIgnoreCase)
    {
        ["off"] = AuthenticationMethod.Off,
        ["password"] = AuthenticationMethod.SmtpAuth,
        ["smtp-auth"] = AuthenticationMethod.SmtpAuth,
        ["pop-before-smtp"] = AuthenticationMethod.PopBeforeSmtp,
        ["oauth2"] = AuthenticationMethod.OAuth2,
    };

    private static readonly Dictionary<string, ConnectionSecurity> _securities = new(StringComparer.OrdinalIgnoreCase)
    {
        ["none"] = ConnectionSecurity.None,
        ["starttls"] = ConnectionSecurity.StartTls,
        ["tls"] = ConnectionSecurity.SslTls,
    };

    private static readonly Dictionary<string, TokenMechanism> _mechanisms = new(StringComparer.OrdinalIgnoreCase)
    {
        ["xoauth2"] = TokenMechanism.XOAuth2,
        ["oauthbearer"] = TokenMechanism.OAuthBearer,
    };

    private static readonly Dictionary<string, SignInAs> _signers = new(StringComparer.OrdinalIgnoreCase)
    {
        ["person"] = SignInAs.Person,
        ["application"] = SignInAs.Application,
    };

    private static readonly Dictionary<string, TransportChoice> _transports = new(StringComparer.OrdinalIgnoreCase)
    {
        ["automatic"] = TransportChoice.Automatic,
        ["smtp"] = TransportChoice.Smtp,
        ["graph"] = TransportChoice.Graph,
    };

    public static (Account? Account, string Fault) Apply(AccountRequest asked, Account? former)
    {
        if (!MailAddress.TryParse(asked.Address, out var address)) return (null, $"“{asked.Address}” is not a mail address; it needs the form name@domain.");
        var provider = Providers.Find(asked.Provider ?? former?.Provider ?? Providers.All[0].Key);
        if (provider is null) return (null, $"The email service “{asked.Provider}” is not known: choose one of {string.Join(", ", Providers.All.Select(one => one.Key))}.");
        if (Word(_methods, asked.Method) is { } method) return (null, method);
        if (Word(_securities, asked.Security) is { } security) return (null, security);
        if (Word(_mechanisms, asked.Mechanism) is { } mechanism) return (null, mechanism);
        if (Word(_signers, asked.SignInAs) is { } signer) return (null, signer);
        if (Word(_transports, asked.SendBy) is { } transport) return (null, transport);
        foreach (var sender in asked.AllowSenders ?? [])
            if (!MailAddress.TryParse(sender, out _)) return (null, $"The allowed sender “{sender}” is not a mail address.");
        var account = former is not null && (asked.Provider is null || provider.Key == former.Provider) ? former : Fresh(address, provider, former);
        return (Changed(account, asked), "");
    }

    private static Account Fresh(MailAddress address, Provider provider, Account? former) =>
        provider.NewAccount(address) with { Id = former?.Id ?? 0, IsDefault = former?.IsDefault ?? false };

    private static Account Changed(Account account, AccountRequest asked) => account with
    {
        Method = asked.Method is { } method ? _methods[method] : account.Method,
        Host = asked.Host ?? account.Host,
        Port = asked.Port ?? account.Port,
        Security = asked.Security is { } security ? _securities[security] : account.Security,
        ClientId = asked.ClientId ?? account.ClientId,
        TenantId = asked.TenantId ?? account.TenantId,
        OAuth = account.OAuth with
        {
            Issuer = asked.Issuer ?? account.OAuth.Issuer,
            DeviceAuthorization = asked.DeviceEndpoint ?? account.OAuth.DeviceAuthorization,
            Authorization = asked.AuthorizationEndpoint ?? account.OAuth.Authorization,
            Token = asked.TokenEndpoint ?? account.OAuth.Token,
            Scopes = asked.Scopes ?? account.OAuth.Scopes,
            Mechanism = asked.Mechanism is { } mechanism ? _mechanisms[mechanism] : account.OAuth.Mechanism,
        },
        SignInAs = asked.SignInAs is { } signer ? _signers[signer] : account.SignInAs,
        RedirectAddress = asked.Redirect ?? account.RedirectAddress,
        Transport = asked.SendBy is { } by ? _transports[by] : account.Transport,
        GraphAddress = asked.GraphAddress ?? account.GraphAddress,
        SendsLargeByGraph = asked.LargeByGraph ?? account.SendsLargeByGraph,
        SecretEnds = asked.ClientSecret is not null || asked.NoClientSecret == true ? asked.SecretEnds : asked.SecretEnds ?? account.SecretEnds,
        PopHost = asked.PopHost ?? account.PopHost,
        PopPort = asked.PopPort ?? account.PopPort,
        UserName = asked.User ?? account.UserName,
        VerifiesCertificate = asked.Verify ?? account.VerifiesCertificate,
        IsDefault = asked.Default ?? account.IsDefault,
        IsPaused = asked.Paused ?? account.IsPaused,
        SenderPolicy = asked.KeepFrom is { } keep ? keep ? SenderPolicy.Keep : SenderPolicy.Replace : account.SenderPolicy,
        Budget = new Budget(asked.Connections ?? account.Budget.Connections, asked.PerMinute ?? account.Budget.MessagesPerMinute, asked.PerDay ?? account.Budget.RecipientsPerDay),
        SizeLimit = asked.SizeLimit ?? account.SizeLimit,
        AllowedSenders = asked.AllowSenders is { } senders ? [.. senders.Select(MailAddress.Parse)] : account.AllowedSenders,
        RoutedSenders = asked.RouteSenders ?? account.RoutedSenders,
    };

    private static string? Word<T>(Dictionary<string, T> words, string? text) =>
        text is null || words.ContainsKey(text) ? null : $"“{text}” is not known here: choose one of {string.Join(", ", words.Keys)}.";
}
