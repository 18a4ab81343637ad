using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Messages;
using DeviceMail.Network;
using DeviceMail.Queue;
using DeviceMail.Sending;

namespace DeviceMail.EmailServer;

/// <summary>For each way in which a step can fail: the fields to change, and a change that is likely to help.</summary>
internal static class ConnectionTestRemedies
{
    private const int SmtpsPort = 465, SubmissionPort = 587;

    public static ConnectionTestFault NotEncrypted { get; } = new("Choose STARTTLS or SSL/TLS, if the server offers one of them.") { Fields = [FieldLink.Secure] };

    public static ConnectionTestFault NotValidated { get; } =
        new("Certificate Validation is disabled: this could be any server, and it would get the sign-in. Enable it.") { Fields = [FieldLink.Validation] };

    public static ConnectionTestFault OtherSignIn { get; } =
        new("A sign-in is shown only to the server it was made for. Save these settings with OK on the page Basic, then sign in again.") { Fields = [FieldLink.SignIn] };

    public static ConnectionTestFault OtherPassword { get; } =
        new("A stored password is shown only to the server it was typed for. Type it on the page Basic and test again from there.") { Fields = [FieldLink.Password] };

    public static ConnectionTestFault NoPassword { get; } = new("Type it on the page Basic and test again from there, or save it with OK.") { Fields = [FieldLink.Password] };

    public static ConnectionTestFault NoName(Account account, string words) =>
        new("Check the spelling of the server's address. If it is right, the gateway's DNS servers do not know it or do not answer.")
        {
            Fields = [FieldLink.Server, FieldLink.DnsServer],
            Fixes = Providers.Find(account.Provider) is { Host.Length: > 0 } provider && provider.Host != account.Host ? [Host(provider.Host)] : [],
            ServerWords = words,
        };

    public static ConnectionTestFault NoConnection(Account account, string words) =>
        new($"Either the port is another one, or a firewall lets nothing out to port {account.Port}. Ask who runs the firewall to allow it towards {account.Host}.")
        {
            Fields = [FieldLink.Port, FieldLink.Server, FieldLink.Interfaces],
            Fixes = account.Port is SubmissionPort or SmtpsPort ? [] : [Port(SubmissionPort, ConnectionSecurity.StartTls)],
            ServerWords = words,
        };

    public static ConnectionTestFault NoGreeting(Account account, string words) => new(account.Security == ConnectionSecurity.SslTls
        ? "Something answers at this port, but no mail server does, or it turns this gateway away. Check address and port."
        : "Something answers at this port but says nothing in clear, or turns this gateway away. A server that wants SSL/TLS from the start waits in silence.")
    {
        Fields = [FieldLink.Port, FieldLink.Secure],
        Fixes = account.Security == ConnectionSecurity.SslTls ? [] : [Security(ConnectionSecurity.SslTls)],
        ServerWords = words,
    };

    public static ConnectionTestFault NoTlsFirst(Account account, string words) =>
        new("The server begins in clear at this port. STARTTLS belongs there; SSL/TLS usually uses port 465.")
        {
            Fields = [FieldLink.Secure, FieldLink.Port],
            Fixes = [Security(ConnectionSecurity.StartTls), .. account.Port == SmtpsPort ? (ConnectionTestFix[])[] : [Port(SmtpsPort, ConnectionSecurity.SslTls)]],
            ServerWords = words,
        };

    public static ConnectionTestFault NoStartTls(Account account) => new("Nothing is sent in the clear, so no mail goes out. The server may offer SSL/TLS at another port, usually 465.")
    {
        Fields = [FieldLink.Secure, FieldLink.Port],
        Fixes = account.Port == SmtpsPort ? [Security(ConnectionSecurity.SslTls)] : [Port(SmtpsPort, ConnectionSecurity.SslTls)],
    };

    public static ConnectionTestFault NoHandshake(Account account, string words) =>
        new($"The server and this gateway found no encryption that both know, or something between them cut the connection. {account.Host} must offer TLS 1.2 or 1.3.")
        {
            Fields = [FieldLink.Secure, FieldLink.Server],
            ServerWords = words,
        };

    public static ConnectionTestFault Certificate(Account account, ShownCertificate shown, DateTimeOffset now)
    {
        var line = CertificateLine.Of(shown.Certificate);
        string[] words = [$"Subject: {line.Subject}", $"Issuer: {line.Issuer}", $"Good from {Web.Words.Date(line.From)} to {Web.Words.Date(line.Until)}", $"Names: {string.Join(", ", shown.Names)}"];
        var (remedy, fields) = shown switch
        {
            { HasOtherName: true } => ($"It is not made out to {account.Host}, so this may be another server. Put a name of the certificate into the field, if you know that it is the right server.",
                (FieldLink[])[FieldLink.Server]),
            _ when line.Until < now => ($"It ended on {Web.Words.Date(line.Until)}. Who runs the server must renew it, or the gateway's clock is wrong.", [FieldLink.DateAndTime]),
            _ when line.From > now => ($"It begins on {Web.Words.Date(line.From)} only: the gateway's clock is wrong, most likely.", [FieldLink.DateAndTime]),
            _ => ("It comes from an authority that this gateway does not know. If it is your own, import the authority's certificate.", [FieldLink.CaCertificate]),
        };
        return new ConnectionTestFault(remedy) { Fields = fields, ServerWords = string.Join('\n', words) };
    }

    public static ConnectionTestFault NoMechanism(Account account) => account.Method == AuthenticationMethod.OAuth2
        ? new("The server takes no token on this connection. Check that address and port belong to the email service that you signed in to.") { Fields = [FieldLink.Server, FieldLink.Port] }
        : new("The server takes no password on this connection. It may want encryption first, or no sign-in at all.") { Fields = [FieldLink.Secure, FieldLink.SignIn] };

    public static ConnectionTestFault Lost(string words) => new("The server closed the connection, or something on the way cut it. Test again; when it happens again, ask who runs the server.") { ServerWords = words };

    /// <summary>What a refusal means, by the catalogue that the sender uses as well.</summary>
    public static ConnectionTestFault Refused(Account account, SmtpPhase phase, SmtpReply reply) => SmtpReplies.Judge(reply, phase) switch
    {
        SendOutcome.Held held => Of(held.Problem, account, held.ServerWords),
        SendOutcome.TryLater later => Of(later.Problem, account, later.ServerWords),
        SendOutcome.Refused refused when phase == SmtpPhase.Sender => Of(Problems.SendAsDenied, account, refused.ServerWords),
        SendOutcome.Refused refused => Of(refused.Problem, account, refused.ServerWords),
        var other => throw new InvalidOperationException($"{other} is no refusal."),
    };

    public static ConnectionTestFault Of(Problem problem, Account account, string serverWords)
    {
        var isPassword = account.Method == AuthenticationMethod.SmtpAuth;
        if (isPassword && problem == Problems.SignInAgain) problem = Problems.PasswordRefused;
        var fault = new ConnectionTestFault($"{problem.Cause} {problem.RemedyFor(account.SmtpUserName)}")
        {
            ServerWords = serverWords,
            Fields = isPassword ? [FieldLink.UserName, FieldLink.Password] : [FieldLink.SignIn],
        };
        // The mailbox's own switch wins over the organisation's, not over security defaults.
        if (problem == Problems.SmtpAuthOff && !serverWords.Contains("security defaults", StringComparison.OrdinalIgnoreCase))
            return new($"{problem.Cause} It takes up to an hour until a change counts; held mail then goes out by itself.") { ServerWords = serverWords, Line = $"Set-CASMailbox -Identity {account.SmtpUserName} -SmtpClientAuthenticationDisabled $false" };
        if (problem == Problems.AdditionalNetwork) return fault with { Fields = [FieldLink.Interfaces] };
        if (problem == Problems.TlsNotOffered) return fault with { Fields = [FieldLink.Secure], Fixes = account.Security == ConnectionSecurity.None ? [Security(ConnectionSecurity.StartTls)] : [] };
        if (problem == Problems.Unreachable) return fault with { Fields = [FieldLink.DnsServer, FieldLink.Interfaces, FieldLink.DateAndTime] };
        if (problem != Problems.SendAsDenied) return fault;
        return new($"{account.SmtpUserName} may not send as {account.Address}. Either the sender changes, or an administrator gives the right; that takes up to an hour.")
        {
            ServerWords = serverWords,
            Fields = [FieldLink.Sender],
            Line = $"Add-RecipientPermission {account.Address} -Trustee {account.SmtpUserName} -AccessRights SendAs",
            Fixes = MailAddress.TryParse(account.UserName, out var user) && user != account.Address
                ? [new($"Use {user} as the sender", one => one with { Address = user })]
                : [],
        };
    }

    private static ConnectionTestFix Host(string host) => new($"Test with {host}", account => account with { Host = host });

    private static ConnectionTestFix Security(ConnectionSecurity security) => new($"Test with {Name(security)}", account => account with { Security = security });

    private static ConnectionTestFix Port(int port, ConnectionSecurity security) =>
        new($"Test with port {port} and {Name(security)}", account => account with { Port = port, Security = security });

    private static string Name(ConnectionSecurity security) => security == ConnectionSecurity.SslTls ? "SSL/TLS" : "STARTTLS";
}
