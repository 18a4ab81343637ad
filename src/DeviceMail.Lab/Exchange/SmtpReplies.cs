using System.Globalization;
using System.Security.Cryptography;

namespace DeviceMail.Lab.Exchange;

/// <summary>The words of Exchange Online's replies. Refusals end in the tail [host time id] that support asks for.</summary>
public sealed class SmtpReplies(TimeProvider time)
{
    public const string Host = "LABP281CA0001.outlook.lab.test";
    public const int AnnouncedSize = 157_286_400;

    public const string SenderOk = "250 2.1.0 Sender OK";
    public const string RecipientOk = "250 2.1.5 Recipient OK";
    public const string StartInput = "354 Start mail input; end with <CRLF>.<CRLF>";
    public const string Bye = "221 2.0.0 Service closing transmission channel";
    public const string Reset = "250 2.0.0 Resetting";
    public const string Noop = "250 2.0.0 OK";
    public const string ReadyForTls = "220 2.0.0 SMTP server ready";
    public const string SignedIn = "235 2.7.0 Authentication successful";
    public const string Unknown = "500 5.3.3 Unrecognized command";
    public const string BadArguments = "501 5.5.4 Invalid arguments";
    public const string BadSender = "501 5.1.7 Invalid address";
    public const string BadRecipient = "501 5.1.3 Invalid address";
    public const string BadDomain = "501 5.5.4 Invalid domain name";
    public const string HelloFirst = "503 5.5.2 Send hello first";
    public const string MailFirst = "503 5.5.2 Need mail command";
    public const string RcptFirst = "503 5.5.2 Need rcpt command";
    public const string SenderSet = "503 5.5.2 Sender already specified";
    public const string BadSequence = "503 5.5.1 Bad sequence of commands";
    public const string UnknownMechanism = "504 5.7.4 Unrecognized authentication type";
    public const string TooManyRecipients = "452 4.5.3 Too many recipients";

    private const string AuthOffAdvice = "Visit https://aka.ms/smtp_auth_disabled for more information.";

    public string Greeting =>
        $"220 {Host} Microsoft ESMTP MAIL Service ready at {time.GetUtcNow().ToString("ddd, dd MMM yyyy HH:mm:ss", CultureInfo.InvariantCulture)} +0000 [{Id()}]";

    public string TlsRequired => Tail("451 5.7.3 STARTTLS is required to send mail");
    public string NotSignedIn => Tail("530 5.7.57 Client not authenticated to send mail.");
    public string BadToken => Tail("535 5.7.3 Authentication unsuccessful");
    public string NoPasswords => Tail("535 5.7.139 Authentication unsuccessful, basic authentication is disabled.");
    public string AuthOffForTenant => Tail($"535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. {AuthOffAdvice}");
    public string AuthOffForMailbox => Tail($"535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. {AuthOffAdvice}");
    public string SecurityDefaults => Tail("535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy. Contact your administrator.");
    public string TooLarge => Tail("552 5.3.4 Message size exceeds fixed maximum message size");
    public string Busy => Tail("451 4.7.500 Server busy. Please try again later.");
    public string Closing => $"421 4.3.2 Service not available, closing transmission channel [{Id()}]";
    public string Silent => Tail("421 4.4.2 Connection dropped due to timeout");
    public string TooManySends => Tail("432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending for more information.");
    public string TooFast => Tail("432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded");
    public string OverQuota => Tail("554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed to process message due to a permanent exception with message The message can't be submitted because the sender's submission quota was exceeded.");
    public string NoMailboxRight => Tail("430 4.2.0 STOREDRV; mailbox logon failure");
    public string MailboxFull => Tail("554 5.2.2 mailbox full; STOREDRV.Submission.Exception:QuotaExceededException");

    public string SendAsDenied(string mailbox, string sender) => Tail(
        $"554 5.2.252 SendAsDenied; {mailbox} not allowed to send as {sender}; STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied; " +
        "Failed to process message due to a permanent exception with message Cannot submit message.");

    public static string Hello(string remote) => $"250 {Host} Hello [{remote}]";

    /// <summary>AUTH is announced inside TLS only, STARTTLS outside only.</summary>
    public static string[] ExtendedHello(string remote, string securityExtension) =>
    [
        $"250-{Host} Hello [{remote}]", $"250-SIZE {AnnouncedSize}", "250-PIPELINING", "250-DSN", "250-ENHANCEDSTATUSCODES",
        $"250-{securityExtension}", "250-8BITMIME", "250-BINARYMIME", "250-CHUNKING", "250 SMTPUTF8",
    ];

    public static string Accepted(string messageId) => $"250 2.0.0 OK {messageId} [Hostname={Host}]";

    private string Tail(string reply) =>
        $"{reply} [{Host} {time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fff", CultureInfo.InvariantCulture)}Z {Id()}]";

    private static string Id() => RandomNumberGenerator.GetHexString(16);
}
