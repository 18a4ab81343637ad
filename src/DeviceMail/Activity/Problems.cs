namespace DeviceMail.Activity;

/// <summary>The problems that the program itself names. Their words, and all that servers can say, stand in <see cref="Catalogue"/>.</summary>
public static class Problems
{
    public static readonly Problem NotSignedIn = Catalogue.Get("not-signed-in");
    public static readonly Problem NotSaved = Catalogue.Get("not-saved");
    public static readonly Problem Unreachable = Catalogue.Get("unreachable");
    public static readonly Problem AdditionalNetwork = Catalogue.Get("additional-network");
    public static readonly Problem Expired = Catalogue.Get("expired");
    public static readonly Problem SignInAgain = Catalogue.Get("sign-in-again");
    public static readonly Problem SignInRefused = Catalogue.Get("sign-in-refused");
    public static readonly Problem ConsentMissing = Catalogue.Get("consent-missing");
    public static readonly Problem BlockedByPolicy = Catalogue.Get("blocked-by-policy");
    public static readonly Problem WrongAccount = Catalogue.Get("wrong-account");
    public static readonly Problem LostKey = Catalogue.Get("lost-key");
    public static readonly Problem SetUpFault = Catalogue.Get("set-up-fault");
    public static readonly Problem SingleTenant = Catalogue.Get("single-tenant");
    public static readonly Problem RequestFault = Catalogue.Get("request-fault");
    public static readonly Problem SmtpAuthOff = Catalogue.Get("smtp-auth-off");
    public static readonly Problem GraphNotAllowed = Catalogue.Get("graph-not-allowed");
    public static readonly Problem GraphNoMailbox = Catalogue.Get("graph-no-mailbox");
    public static readonly Problem TooLargeForGraph = Catalogue.Get("too-large-for-graph");
    public static readonly Problem PasswordRefused = Catalogue.Get("password-refused");
    public static readonly Problem SendAsDenied = Catalogue.Get("send-as-denied");
    public static readonly Problem QuotaReached = Catalogue.Get("quota-reached");
    public static readonly Problem ProviderLimit = Catalogue.Get("provider-limit");
    public static readonly Problem MailboxFull = Catalogue.Get("mailbox-full");
    public static readonly Problem AccountPaused = Catalogue.Get("account-paused");
    public static readonly Problem AccountRemoved = Catalogue.Get("account-removed");
    public static readonly Problem TlsNotOffered = Catalogue.Get("tls-not-offered");
    public static readonly Problem CertificateRefused = Catalogue.Get("certificate-refused");
    public static readonly Problem GatewayNotWelcome = Catalogue.Get("gateway-not-welcome");
    public static readonly Problem ServerRefuses = Catalogue.Get("server-refuses");
    public static readonly Problem ServerUnreachable = Catalogue.Get("server-unreachable");
    public static readonly Problem ServerBusy = Catalogue.Get("server-busy");
    public static readonly Problem MessageTooLarge = Catalogue.Get("message-too-large");
    public static readonly Problem RecipientRefused = Catalogue.Get("recipient-refused");
    public static readonly Problem MessageRefused = Catalogue.Get("message-refused");
    public static readonly Problem NeedsUtf8 = Catalogue.Get("needs-utf8");
    public static readonly Problem NeedsEightBit = Catalogue.Get("needs-eight-bit");
    public static readonly Problem LineTooLong = Catalogue.Get("line-too-long");
    public static readonly Problem BodyGone = Catalogue.Get("body-gone");
    public static readonly Problem DiskFull = Catalogue.Get("disk-full");
    public static readonly Problem DiskFailed = Catalogue.Get("disk-failed");
    public static readonly Problem GaveUp = Catalogue.Get("gave-up");

    public static IReadOnlyList<Problem> All => Catalogue.Problems;

    /// <param name="key">A key of the catalogue; null where there is no problem.</param>
    public static Problem? Find(string? key) => key is null ? null : Catalogue.Find(key);

    /// <summary>The problem in the words that fit best to what the server said; the number or reply chooses the advice, the key stays.</summary>
    public static Problem? Find(string? key, string? serverWords) => Find(key) is not { } general ? null
        : serverWords is not { Length: > 0 } ? general
        : Catalogue.SaidBy(serverWords).Select(entry => entry.Problem).FirstOrDefault(one => one == general) ?? general;
}
