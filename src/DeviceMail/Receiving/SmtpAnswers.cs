namespace DeviceMail.Receiving;

/// <summary>Everything the receiver says, in one place: code, enhanced code (RFC 3463) and words.</summary>
public static class SmtpAnswers
{
    public const string Ok = "250 2.0.0 OK";
    public const string SenderOk = "250 2.1.0 Sender OK";
    public const string RecipientOk = "250 2.1.5 Recipient OK";
    public const string StartData = "354 Send the message; end with a dot on a line of its own";
    public const string Bye = "221 2.0.0 Goodbye";
    public const string ReadyForTls = "220 2.0.0 Ready to start TLS";
    public const string CannotVerify = "252 2.0.0 Cannot verify, but will take the message";
    public const string SignedIn = "235 2.7.0 Signed in";
    public const string Stopping = "421 4.3.2 The gateway is stopping; try again later";
    public const string NotClaimed = "421 4.3.2 This gateway is not set up yet; open its Web Config first";
    public const string TooManyConnections = "421 4.7.0 Too many connections; try again later";
    public const string TooSlow = "421 4.4.2 Nothing came for too long; goodbye";
    public const string TooManyErrors = "421 4.7.0 Too many errors; goodbye";
    public const string NotSmtp = "554 5.5.1 This is no web server; goodbye";
    public const string SignInRefused = "535 5.7.8 User name or password is wrong";
    public const string TooManySignIns = "421 4.7.0 Too many failed sign-ins; goodbye";
    public const string SignInNeedsTls = "538 5.7.11 Encryption is needed before signing in";
    public const string SignInStopped = "501 5.0.0 Sign-in stopped";
    public const string SignInNotNow = "503 5.5.1 Not now: signed in already, or a message is under way";
    public const string UnknownMechanism = "504 5.5.4 This way of signing in is not offered";
    public const string BadSignIn = "501 5.5.2 The sign-in is not well formed";
    public const string TlsNotNow = "503 5.5.1 TLS is on already, or is not offered here";
    public const string TlsInjection = "503 5.5.0 Nothing may follow STARTTLS before its reply";
    public const string NotPipelined = "503 5.5.0 Nothing may follow this command before its reply";
    public const string UnknownCommand = "500 5.5.1 Command not known";
    public const string NotImplemented = "502 5.5.1 Command not implemented";
    public const string LineTooLong = "500 5.5.2 The line is too long";
    public const string BadSyntax = "501 5.5.4 The command is not well formed";
    public const string BadSenderAddress = "501 5.1.7 The sender's address is not well formed";
    public const string BadRecipientAddress = "501 5.1.3 The recipient's address is not well formed";
    public const string NeedsSmtpUtf8 = "553 5.6.7 This address needs SMTPUTF8";
    public const string UnknownParameter = "555 5.5.4 A parameter is not known";
    public const string HelloFirst = "503 5.5.1 Say EHLO first";
    public const string MailNotNow = "503 5.5.1 A message is under way already";
    public const string MailFirst = "503 5.5.1 Say MAIL FROM first";
    public const string RecipientFirst = "503 5.5.1 Say RCPT TO first";
    public const string TooManyRecipients = "452 4.5.3 Too many recipients; send the rest in another message";
    public const string TooLarge = "552 5.3.4 The message is larger than this account may send";
    public const string HeaderTooLarge = "552 5.3.4 The header is too large";
    public const string NulInHeader = "554 5.6.0 The header holds a NUL octet";
    public const string Loop = "554 5.4.6 The message goes round in a loop";
    public const string DiskFull = "452 4.3.1 No room for mail at the moment; try again later";
    public const string NotKept = "451 4.3.0 The disk did not keep the message; try again later";
    public const string LocalFault = "451 4.3.0 The gateway met a fault of its own; try again later";
    public const string MixedLineEnds = "550 5.6.0 Line ends are mixed; the message cannot be told apart safely";
    public const string HelloNeedsName = "501 5.5.4 EHLO needs a name";

    public static string Greeting(string name) => $"220 {name} ESMTP DeviceMail";

    public static string Accepted(long jobId) => $"250 2.0.0 Kept as job {jobId}";

    public static string NotAllowed(string address) =>
        $"550 5.7.1 This device ({address}) is not allowed to send yet. An administrator can allow it in Web Config under Device Management > Devices.";

    public static string NeedsHabit(string device, string habit) =>
        $"550 5.7.1 The device {device} is not allowed to do this: {habit}. An administrator can allow it with its habits under Device Management > Devices.";

    public static string NoAccount(string sentence) => $"550 5.7.1 {sentence}";
}
