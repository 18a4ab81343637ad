using System.Text.Json.Serialization;
using DeviceMail.Messages;

namespace DeviceMail.Accounts;

/// <summary>Authentication Method of the guide's page.</summary>
public enum AuthenticationMethod
{
    /// <summary>A relay that asks for no sign-in.</summary>
    Off,

    /// <summary>User name and password (RFC 4954 PLAIN or LOGIN).</summary>
    SmtpAuth,

    /// <summary>A sign-in at the POP3 server just before; the SMTP server then asks for none.</summary>
    PopBeforeSmtp,

    OAuth2,
}

/// <summary>Secure Connection of the guide's page.</summary>
public enum ConnectionSecurity
{
    None,

    /// <summary>STARTTLS is demanded; a server that does not offer it gets no mail.</summary>
    StartTls,

    /// <summary>TLS from the first octet, SSL/TLS on the page.</summary>
    SslTls,
}

/// <summary>How a token is shown to the SMTP server.</summary>
public enum TokenMechanism
{
    XOAuth2,

    /// <summary>RFC 7628.</summary>
    OAuthBearer,
}

/// <summary>Who signs in for an account with OAuth2.</summary>
public enum SignInAs
{
    /// <summary>A person, once; what the person may do, the gateway may.</summary>
    Person,

    /// <summary>The application itself, with a secret or a certificate of its own (RFC 6749 4.4); no person, no second factor.</summary>
    Application,
}

/// <summary>An interface of the provider that takes mail.</summary>
public enum Transport
{
    Smtp,

    /// <summary>Microsoft Graph's sendMail.</summary>
    Graph,

    /// <summary>Microsoft Graph with the right to make drafts, for mail that sendMail does not take; never chosen by itself.</summary>
    GraphDraft,
}

/// <summary>By which interface an account sends.</summary>
public enum TransportChoice
{
    /// <summary>By SMTP; by Graph where SMTP is refused.</summary>
    Automatic,
    Smtp,
    Graph,
}

/// <summary>What becomes of the From field.</summary>
public enum SenderPolicy
{
    /// <summary>The account's address in From and envelope; the original goes to Reply-To.</summary>
    Replace,

    /// <summary>From stays; the account must be allowed to send as that address.</summary>
    Keep,
}

/// <summary>A mailbox we send as, with all that its provider must be told. Secrets are not here.</summary>
public sealed record Account
{
    public required long Id { get; init; }

    /// <summary>The mailbox that sends; also the account's name for people.</summary>
    public required MailAddress Address { get; init; }

    /// <summary>Key of a row of <see cref="Providers"/>.</summary>
    public required string Provider { get; init; }

    public required AuthenticationMethod Method { get; init; }

    /// <summary>Application (client) ID.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>Directory (tenant) ID or domain; takes the place of {tenant} in the provider's addresses.</summary>
    public string TenantId { get; init; } = "";

    public OAuthEndpoints OAuth { get; init; } = new();

    public SignInAs SignInAs { get; init; } = SignInAs.Person;

    /// <summary>The address of Web Config to which the provider leads a browser back, as it is registered there; empty: none is.</summary>
    public string RedirectAddress { get; init; } = "";

    /// <summary>The certificate (PEM) by which the application proves itself; its key is a secret. Empty: none is in use.</summary>
    public string Certificate { get; init; } = "";

    /// <summary>A certificate that was made and takes the former one's place at the next sign-in that succeeds with it; empty: none waits.</summary>
    public string NextCertificate { get; init; } = "";

    /// <summary>When the client secret ends, as the administrator read it at the provider; null: not known.</summary>
    public DateTimeOffset? SecretEnds { get; init; }

    public TransportChoice Transport { get; init; } = TransportChoice.Automatic;

    /// <summary>Microsoft Graph's address with its version; empty: the provider's.</summary>
    public string GraphAddress { get; init; } = "";

    /// <summary>Whether mail over Graph's limit goes by a draft, for which Mail.ReadWrite must have been granted.</summary>
    public bool SendsLargeByGraph { get; init; }

    public required string Host { get; init; }

    /// <summary>1 to 65535.</summary>
    public required int Port { get; init; }

    public required ConnectionSecurity Security { get; init; }

    /// <summary>Certificate Validation: when false, the server's name and certificate are not checked, as the page warns.</summary>
    public bool VerifiesCertificate { get; init; } = true;

    /// <summary>The user name shown to the server; empty: the account's address.</summary>
    public string UserName { get; init; } = "";

    /// <summary>POP3 Server Address; used with POP before SMTP alone.</summary>
    public string PopHost { get; init; } = "";

    /// <summary>1 to 65535.</summary>
    public int PopPort { get; init; } = 110;

    public SenderPolicy SenderPolicy { get; init; } = SenderPolicy.Replace;

    /// <summary>Addresses it may also send as, kept even under <see cref="SenderPolicy.Replace"/>.</summary>
    public IReadOnlyList<MailAddress> AllowedSenders { get; init; } = [];

    /// <summary>Envelope senders it takes by routing: addresses (a@b) or domains (b).</summary>
    public IReadOnlyList<string> RoutedSenders { get; init; } = [];

    /// <summary>The largest message in octets.</summary>
    public required long SizeLimit { get; init; }

    public required Budget Budget { get; init; }

    public bool IsDefault { get; init; }

    /// <summary>Mail is taken and kept, nothing is sent, until an administrator goes on.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Whether a password is kept for it, rather than a sign-in or nothing.</summary>
    public bool UsesPassword => Method is AuthenticationMethod.SmtpAuth or AuthenticationMethod.PopBeforeSmtp;

    /// <summary>Where Graph takes this account's mail, without a slash at the end; empty: the provider has no Graph.</summary>
    [JsonIgnore]
    public string Graph => (GraphAddress.Length > 0 ? GraphAddress : Providers.Of(this).Graph).TrimEnd('/');

    /// <summary>The interfaces it may send by, the preferred one first.</summary>
    [JsonIgnore]
    public IReadOnlyList<Transport> Transports => Method != AuthenticationMethod.OAuth2 || Graph.Length == 0 ? [Accounts.Transport.Smtp] : Transport switch
    {
        TransportChoice.Smtp => [Accounts.Transport.Smtp],
        TransportChoice.Graph => [Accounts.Transport.Graph],
        _ => [Accounts.Transport.Smtp, Accounts.Transport.Graph],
    };

    /// <summary>What is announced to devices: <see cref="SizeLimit"/>, or less where the only interface takes less.</summary>
    [JsonIgnore]
    public long LargestMail => Transports is [Accounts.Transport.Graph] ? Math.Min(SizeLimit, SendsLargeByGraph ? GraphLimits.LargestDraft : GraphLimits.LargestMail - GraphLimits.OwnFields) : SizeLimit;

    [JsonIgnore]
    public bool IsApplication => Method == AuthenticationMethod.OAuth2 && SignInAs == SignInAs.Application;

    public string SmtpUserName => UserName.Length > 0 ? UserName : Address.ToString();
}

/// <summary>Where tokens come from. Discovery by <see cref="Issuer"/> fills what is empty.</summary>
public sealed record OAuthEndpoints
{
    public string Issuer { get; init; } = "";

    public string DeviceAuthorization { get; init; } = "";

    /// <summary>Where a person's browser signs in (RFC 6749 3.1).</summary>
    public string Authorization { get; init; } = "";

    public string Token { get; init; } = "";

    /// <summary>Space-separated, as in RFC 6749 3.3.</summary>
    public string Scopes { get; init; } = "";

    public TokenMechanism Mechanism { get; init; } = TokenMechanism.XOAuth2;

    /// <summary>Whether the provider's metadata promise its name in each answer to a browser (RFC 9207); found, never typed.</summary>
    [JsonIgnore]
    public bool NamesIssuer { get; init; }
}

/// <summary>What the provider allows one mailbox; kept by us so that it never has to refuse. 0 means no limit, but for connections.</summary>
/// <param name="Connections">Connections at once, 1 to 50.</param>
/// <param name="MessagesPerMinute">0 to 100,000.</param>
/// <param name="RecipientsPerDay">In any 24 hours, 0 to 10,000,000.</param>
public sealed record Budget(int Connections, int MessagesPerMinute, int RecipientsPerDay);
