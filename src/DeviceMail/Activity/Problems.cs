namespace DeviceMail.Activity;

/// <summary>
/// Everything that can stand in the way of mail, with cause and remedy in plain words. The codes are the guide's: 360 no connection, 361 the
/// connection has expired, 370 sign in again.
/// </summary>
public static class Problems
{
    private const string SignInPath = "In Web Config, open Network > Email Server > Basic and select Sign In, or run `devicemail signin`.";

    public static readonly Problem NotSignedIn = new("not-signed-in", 360, ProblemScope.Account, "Not signed in",
        "Nobody has signed this account in to its email service yet.", $"To use this function, sign in to the email service. {SignInPath}") { SignInHelps = true };

    public static readonly Problem NotSaved = new("not-saved", 360, ProblemScope.Account, "Signed in, not saved",
        "Somebody signed in, but the sign-in was not saved to the gateway.", "Open Network > Email Server > Basic and select OK to save it, or Discard.");

    public static readonly Problem Unreachable = new("unreachable", 360, ProblemScope.Account, "Sign-in service not reachable",
        "The email service's sign-in page did not answer, or answered with a fault of its own.",
        "Check the network, the proxy and the firewall of the gateway. Nothing is lost; the gateway tries again by itself.");

    public static readonly Problem Expired = new("expired", 361, ProblemScope.Account, "The sign-in has expired",
        "The connection to the email service was not used, or not confirmed by a person, for longer than the organisation allows.",
        $"Sign in again. {SignInPath}") { SignInHelps = true };

    public static readonly Problem SignInAgain = new("sign-in-again", 370, ProblemScope.Account, "Sign in again",
        "The email service no longer accepts the sign-in of this account: its password was changed, or somebody revoked its sessions.",
        $"Sign in again. {SignInPath} Ask the help desk not to reset this mailbox without telling you.") { SignInHelps = true };

    public static readonly Problem ConsentMissing = new("consent-missing", 370, ProblemScope.Account, "Permission missing",
        "The organisation has not agreed that this application may send mail (SMTP.Send).",
        "An administrator of the organisation signs in once and ticks “Consent on behalf of your organization”, or grants it under Entra ID > Enterprise applications > Permissions.")
    { SignInHelps = true, MayPass = true };

    public static readonly Problem BlockedByPolicy = new("blocked-by-policy", 370, ProblemScope.Account, "Blocked by a policy",
        "A Conditional Access policy of the organisation does not allow this sign-in, often because it blocks the device code way.",
        "An administrator of the organisation looks under Entra ID > Protection > Conditional Access > Sign-in logs which policy it was, and excludes this one mailbox.")
    { SignInHelps = true, MayPass = true };

    public static readonly Problem AdditionalNetwork = new("additional-network", 360, ProblemScope.Account, "OAuth2 is not available on an additional network",
        "Outgoing connections leave by an additional network, and additional networks do not support OAuth 2.0 authentication: they serve a closed group of devices and lead to no sign-in service.",
        "In Web Config, open Network > Interfaces and choose a standard network. The held mail then goes out by itself.") { MayPass = true };

    public static readonly Problem WrongAccount = new("wrong-account", 370, ProblemScope.Account, "Another account signed in",
        "The mailbox that signed in is not the one this account sends as.",
        "Sign in again with the right mailbox. A browser that is already signed in picks an account silently: use a private window.") { SignInHelps = true };

    public static readonly Problem LostKey = new("lost-key", 370, ProblemScope.Account, "The stored sign-in cannot be read",
        "The key that seals the sign-in is missing or another one, or the account's addresses were changed.",
        $"Restore the file “keyring” from a backup, or sign in again. {SignInPath} Nothing is lost; the mail is held.") { SignInHelps = true };

    public static readonly Problem SetUpFault = new("set-up-fault", 370, ProblemScope.Account, "The application is not set up right",
        "The email service refuses this application's ids or its kind.",
        "Compare the application (client) ID and the directory (tenant) ID with the registration, and switch on “Allow public client flows” under Authentication.") { MayPass = true };

    public static readonly Problem SingleTenant = new("single-tenant", 370, ProblemScope.Account, "The directory (tenant) ID is missing",
        "The application is registered for one organisation only, and was asked for under a common address (AADSTS50194).",
        "Put the Directory (tenant) ID of the registration into the field tenant, then sign in again.") { SignInHelps = true };

    public static readonly Problem SmtpAuthOff = new("smtp-auth-off", null, ProblemScope.Account, "SMTP AUTH is switched off",
        "The organisation does not let this mailbox send by SMTP: it is off for the mailbox, for the organisation, or by security defaults.",
        "An Exchange administrator runs: Set-CASMailbox MAILBOX -SmtpClientAuthenticationDisabled $false. It takes up to an hour; the held mail then goes out by itself.");

    public static readonly Problem PasswordRefused = new("password-refused", null, ProblemScope.Account, "Password refused",
        "The server does not take this user name and password, or takes no passwords at all.",
        "Check both. Exchange Online no longer takes passwords: choose the authentication method OAuth2.");

    public static readonly Problem SendAsDenied = new("send-as-denied", null, ProblemScope.Account, "Not allowed to send as this address",
        "The account may not send in the name of the address in From.",
        "Let the gateway replace the sender (the default), or an Exchange administrator runs: Add-RecipientPermission ADDRESS -Trustee MAILBOX -AccessRights SendAs.");

    public static readonly Problem QuotaReached = new("quota-reached", null, ProblemScope.Account, "The provider's daily limit is reached",
        "The mailbox has sent as much as its provider allows in a day.", "Nothing has to be done: the mail goes out by itself when the limit allows it.");

    public static readonly Problem ProviderLimit = new("provider-limit", null, ProblemScope.Account, "Waiting for the provider's limit",
        "The provider allows only so many messages a minute and connections at once.", "Nothing has to be done: the mail goes out by itself.");

    public static readonly Problem MailboxFull = new("mailbox-full", null, ProblemScope.Account, "The sending mailbox is full",
        "The provider keeps a copy of each mail in Sent Items, and the mailbox has no room left.",
        "Empty Sent Items of the mailbox, and set a retention policy for it. The held mail then goes out by itself.");

    public static readonly Problem AccountPaused = new("account-paused", null, ProblemScope.Account, "Paused",
        "An administrator stopped sending for this account.", "Run `devicemail accounts resume` when it may go on.");

    public static readonly Problem TlsNotOffered = new("tls-not-offered", null, ProblemScope.Account, "No encryption offered",
        "The server does not offer the encryption that the account asks for. Nothing is sent in the clear.",
        "Check SMTP Server Address, port and Secure Connection of the account.");

    public static readonly Problem CertificateRefused = new("certificate-refused", null, ProblemScope.Account, "The server's certificate is not trusted",
        "The certificate has another name, has expired, or comes from an authority this gateway does not know.",
        "Check the server's address. For an authority of your own, import its certificate under Network Security > CA Certificate.");

    public static readonly Problem ServerUnreachable = new("server-unreachable", null, ProblemScope.Message, "The mail server cannot be reached",
        "No connection came about, or it broke.", "Check the network and the firewall (port 587 outwards). The mail is tried again by itself.");

    public static readonly Problem ServerBusy = new("server-busy", null, ProblemScope.Message, "The mail server asked to wait",
        "The server could not take the mail at that moment.", "Nothing has to be done: the mail is tried again by itself.");

    public static readonly Problem MessageTooLarge = new("message-too-large", null, ProblemScope.Message, "The mail is too large",
        "The server takes no mail of this size.", "Scan at a lower resolution, or in several mails.");

    public static readonly Problem RecipientRefused = new("recipient-refused", null, ProblemScope.Message, "The recipient was refused",
        "The server does not know the address, or may not deliver to it.", "Check the address in the device's address book.");

    public static readonly Problem MessageRefused = new("message-refused", null, ProblemScope.Message, "The mail was refused",
        "The server does not take this mail; its own words say why.", "See what the server said. Sending the same mail again brings the same answer.");

    public static readonly Problem NeedsUtf8 = new("needs-utf8", null, ProblemScope.Message, "The server takes no such address",
        "The address has letters beyond ASCII, and the server does not take those.", "Use an address in ASCII letters for this recipient.");

    public static readonly Problem NeedsEightBit = new("needs-eight-bit", null, ProblemScope.Message, "The server takes 7-bit mail only",
        "The mail has octets that the server does not take.", "Let the device encode its mail (base64), or use another server.");

    public static readonly Problem DiskFull = new("disk-full", null, ProblemScope.Gateway, "The disk is full",
        "There is no room to keep more mail, so devices are asked to wait.", "Free some space. Mail is taken again by itself.");

    public static readonly Problem GaveUp = new("gave-up", null, ProblemScope.Message, "Given up",
        "The mail was tried again and again until its time was over.", "See what the server said last, and hand it in again.");

    public static IReadOnlyList<Problem> All { get; } =
    [
        NotSignedIn, NotSaved, Unreachable, Expired, SignInAgain, ConsentMissing, BlockedByPolicy, AdditionalNetwork, WrongAccount, LostKey, SetUpFault, SingleTenant,
        SmtpAuthOff, PasswordRefused, SendAsDenied, QuotaReached, ProviderLimit, MailboxFull, AccountPaused, TlsNotOffered, CertificateRefused,
        ServerUnreachable, ServerBusy, MessageTooLarge, RecipientRefused, MessageRefused, NeedsUtf8, NeedsEightBit, DiskFull, GaveUp,
    ];

    public static Problem? Find(string key) => All.FirstOrDefault(problem => problem.Key == key);
}
