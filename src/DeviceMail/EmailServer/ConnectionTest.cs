using System.Net;
using System.Net.Sockets;
using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Messages;
using DeviceMail.Network;
using DeviceMail.Sending;
using DeviceMail.Settings;
using DeviceMail.Storage;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace DeviceMail.EmailServer;

/// <summary>What a connection test works with.</summary>
internal sealed record ConnectionTestParts(Outside Outside, TokenKeeper Tokens, PasswordKeeper Passwords, SettingsStore Settings, TimeProvider Time)
{
    public required GraphConnectionTest Graph { get; init; }
}

/// <summary>
/// Goes the way of a mail, step by step, up to the point where the mail would follow: name, connection, greeting, encryption, sign-in, sender. Nothing
/// is sent unless a test mail was asked for. A stored secret is shown only to the addresses it was stored for (pass-back: somebody changes the
/// server's address to his own and presses Test).
/// </summary>
internal sealed class ConnectionTest(ConnectionTestParts parts)
{
    private static readonly TimeSpan _stepLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(90);

    public async Task RunAsync(ConnectionTestRun run)
    {
        using var limit = new CancellationTokenSource();
        using var timer = parts.Time.CreateTimer(_ => limit.Cancel(), null, _limit, Timeout.InfiniteTimeSpan);
        try
        {
            using var client = ConnectionTestClient.Create(parts.Time);
            client.LocalDomain = parts.Settings.Current.GatewayName;
            client.CheckCertificateRevocation = false;
            var dialogue = new Dialogue(run, client, parts.Time, limit.Token);
            if (run.Subject.Account.Transports is [Transport.Graph]) await TestGraphAsync(dialogue);
            else if (await FindNameAsync(dialogue) && await ConnectAsync(dialogue) is { } stream && await GreetAsync(dialogue, stream)
                && await SignInAsync(dialogue) && await OfferSenderAsync(dialogue)) await SendMailAsync(dialogue);
            if (client.IsConnected) await LeaveAsync(dialogue);
            if (run.Subject.Account.Transports.Contains(Transport.Graph) && run.Subject.Account.Transports.Count > 1) await TestSecondInterfaceAsync(dialogue);
        }
        finally
        {
            run.Finish();
        }
    }

    private async Task TestGraphAsync(Dialogue with)
    {
        if (!await parts.Graph.ReachAsync(with.Account, with.Begin("graph", "Asking Microsoft Graph"))) return;
        var step = with.Begin("token", "Asking for a token");
        if (!with.Run.Subject.MayUseStoredSecrets)
        {
            step.Warn("The sign-in was not tested: these are not the settings it was made with", ConnectionTestRemedies.OtherSignIn);
            return;
        }
        var fault = await parts.Graph.PermissionAsync(with.Run.Subject.Saved!, step);
        if (fault is null) step.Ok("The sign-in is good, and the application may send");
        else if (fault == GraphConnectionTest.OnlyMailShows) step.Warn("The sign-in is good; whether the application may send shows with a mail", fault);
        else step.Bad("Microsoft Graph may not be used", fault);
        if (with.Run.Subject.MailTo is { } to && (fault is null || fault == GraphConnectionTest.OnlyMailShows)) await parts.Graph.SendAsync(with.Run.Subject.Saved!, TestMail(with, to), with.Begin("mail", $"Sending the test mail to {to}"));
    }

    /// <summary>Whether mail could go by Graph: what it does where SMTP is refused.</summary>
    private async Task TestSecondInterfaceAsync(Dialogue with)
    {
        if (!with.Run.Subject.MayUseStoredSecrets) return;
        var step = with.Begin("graph", "Asking for a token for Microsoft Graph");
        if (await parts.Graph.PermissionAsync(with.Run.Subject.Saved!, step) is { } fault) step.Warn(fault == GraphConnectionTest.OnlyMailShows ? "Whether Microsoft Graph takes the application's mail shows with a mail" : "Microsoft Graph could not be used in place of SMTP", fault);
        else step.Ok("Microsoft Graph takes the account's mail where SMTP is refused");
    }

    private async Task<bool> FindNameAsync(Dialogue with)
    {
        var (host, step) = (with.Account.Host, with.Begin("name", $"Looking up {with.Account.Host}"));
        if (IPAddress.TryParse(host, out _)) return step.Ok($"{host} is an address");
        if (parts.Outside.Way.Choice is { ProxyForMail: true, Proxy: { } proxy }) return step.Ok($"The proxy {proxy.Host} looks up {host}");
        try
        {
            var addresses = await step.LimitedAsync(_stepLimit, cancel => Dns.GetHostAddressesAsync(host, cancel));
            return step.Ok($"{host} has an address", string.Join(", ", addresses.Select(address => address.ToString()).Distinct()));
        }
        catch (Exception fault) when (fault is SocketException or OperationCanceledException)
        {
            return step.Bad($"{host} has no address", ConnectionTestRemedies.NoName(with.Account, Words(fault)));
        }
    }

    private async Task<Stream?> ConnectAsync(Dialogue with)
    {
        var (account, step) = (with.Account, with.Begin("connect", $"Connecting to port {with.Account.Port}"));
        try
        {
            var stream = await step.LimitedAsync(_stepLimit, cancel => parts.Outside.Way.OpenMailAsync(account.Host, account.Port, cancel));
            step.Ok($"Connected to port {account.Port}", parts.Outside.Way.Choice.Interface is { Length: > 0 } way ? $"by {way}" : "");
            return stream;
        }
        catch (Exception fault) when (fault is SocketException or IOException or OperationCanceledException)
        {
            step.Bad($"Nobody answers at port {account.Port} of {account.Host}", ConnectionTestRemedies.NoConnection(account, Words(fault)));
            return null;
        }
    }

    /// <summary>MailKit does greeting and encryption in one; what it met on the way tells them apart.</summary>
    private async Task<bool> GreetAsync(Dialogue with, Stream stream)
    {
        var (account, client) = (with.Account, with.Client);
        client.Judge(account.VerifiesCertificate ? parts.Outside.Roots.For(account.Host) : TrustedRoots.Anybody);
        var isTlsFirst = account.Security == ConnectionSecurity.SslTls;
        var step = with.Begin(isTlsFirst ? "encryption" : "greeting", isTlsFirst ? "Agreeing on the encryption" : "Waiting for the server's greeting");
        try
        {
            var options = account.Security switch
            {
                ConnectionSecurity.StartTls => SecureSocketOptions.StartTls,
                ConnectionSecurity.SslTls => SecureSocketOptions.SslOnConnect,
                _ => SecureSocketOptions.None,
            };
            await step.LimitedAsync(_stepLimit, async cancel =>
            {
                await client.ConnectAsync(stream, account.Host, account.Port, options, cancel);
                return true;
            });
            if (isTlsFirst) Encrypted(with, step);
            Greeted(with, isTlsFirst ? with.Begin("greeting", "") : step);
            if (!isTlsFirst) Encrypted(with, with.Begin("encryption", ""));
            return true;
        }
        catch (Exception fault) when (fault is SslHandshakeException or AuthenticationException or NotSupportedException or SmtpCommandException || IsNetwork(fault))
        {
            await stream.DisposeAsync();
            return NotGreeted(with, step, fault);
        }
    }

    private static void Greeted(Dialogue with, ConnectionTestMeter step) => step.Until(with.Client.GreetedAt).Ok("The server greeted", with.Client.Greeting ?? "");

    private static bool NotGreeted(Dialogue with, ConnectionTestMeter step, Exception fault)
    {
        var (account, client) = (with.Account, with.Client);
        if (client.Certificate is { IsAccepted: false } certificate)
        {
            if (client.Greeting is not null && step.Key == "greeting") Greeted(with, step);
            return with.Begin("encryption", "").Bad("The server's certificate is not trusted", ConnectionTestRemedies.Certificate(account, certificate, with.Time.GetUtcNow()));
        }
        if (account.Security == ConnectionSecurity.SslTls && client.Certificate is null)
            return step.Bad($"The server speaks no SSL/TLS at port {account.Port}", ConnectionTestRemedies.NoTlsFirst(account, Words(fault)));
        if (client.Greeting is not { } greeting || fault is SmtpCommandException refusal && greeting.StartsWith($"{(int)refusal.StatusCode}", StringComparison.Ordinal))
        {
            if (account.Security == ConnectionSecurity.SslTls) Encrypted(with, step);
            step = account.Security == ConnectionSecurity.SslTls ? with.Begin("greeting", "") : step;
            return step.Bad("The server does not greet", ConnectionTestRemedies.NoGreeting(account, client.Greeting ?? Words(fault)));
        }
        Greeted(with, step);
        step = with.Begin("encryption", "");
        return fault is NotSupportedException
            ? step.Bad("The server offers no STARTTLS", ConnectionTestRemedies.NoStartTls(account))
            : step.Bad("The encryption did not come about", ConnectionTestRemedies.NoHandshake(account, Words(fault)));
    }

    private static void Encrypted(Dialogue with, ConnectionTestMeter step)
    {
        if (with.Client.Certificate is not { Certificate: var certificate })
        {
            step.Warn("The connection is not encrypted: others on the way can read the mail", ConnectionTestRemedies.NotEncrypted);
            return;
        }
        var line = CertificateLine.Of(certificate);
        string[] details = [$"Subject: {line.Subject}", $"Issuer: {line.Issuer}", $"Good from {Web.Words.Date(line.From)} to {Web.Words.Date(line.Until)}"];
        var protocol = with.Client.SslProtocol == System.Security.Authentication.SslProtocols.Tls13 ? "TLS 1.3" : "TLS 1.2";
        if (with.Account.VerifiesCertificate) step.Ok($"The connection is encrypted with {protocol}; the certificate is good until {Web.Words.Date(line.Until)}", details);
        else step.Warn($"The connection is encrypted with {protocol}, but nobody checked the certificate", ConnectionTestRemedies.NotValidated, details);
    }

    private async Task<bool> SignInAsync(Dialogue with)
    {
        var (account, client) = (with.Account, with.Client);
        if (account.Method == AuthenticationMethod.Off) return with.Begin("sign-in", "").Off("No sign-in is asked for: Authentication Method is Off");
        if (account.Method == AuthenticationMethod.PopBeforeSmtp)
            return with.Begin("sign-in", "").Off("The password belongs to the POP3 server, and is not shown to this one");
        var secret = account.Method == AuthenticationMethod.OAuth2 ? await FindTokenAsync(with) : FindPassword(with);
        if (secret is null) return false;
        var step = with.Begin("sign-in", $"Signing in as {account.SmtpUserName}");
        try
        {
            await step.LimitedAsync(_stepLimit, async cancel =>
            {
                if (account.Method == AuthenticationMethod.OAuth2) await client.AuthenticateAsync(new TokenSasl(account, secret), cancel);
                else await client.AuthenticateAsync(account.SmtpUserName, secret.Reveal(), cancel);
                return true;
            });
            return step.Ok($"The server accepted the account {account.SmtpUserName}");
        }
        catch (NotSupportedException)
        {
            return step.Bad("The server offers no sign-in of this kind", ConnectionTestRemedies.NoMechanism(account));
        }
        catch (Exception fault) when (fault is AuthenticationException or SmtpCommandException || IsNetwork(fault))
        {
            return step.Bad($"The server refused the account {account.SmtpUserName}", ConnectionTestRemedies.Refused(account, SmtpPhase.SignIn, ReplyOf(fault)));
        }
    }

    /// <summary>A token of the saved sign-in, where it may be shown to what is tested.</summary>
    private async Task<Secret?> FindTokenAsync(Dialogue with)
    {
        var step = with.Begin("token", "Asking for a token");
        if (!with.Run.Subject.MayUseStoredSecrets)
        {
            step.Warn("The sign-in was not tested: these are not the settings it was made with", ConnectionTestRemedies.OtherSignIn);
            return null;
        }
        switch (await step.LimitedAsync(_limit, cancel => AskForTokenAsync(with.Run.Subject.Saved!, cancel)))
        {
            case AccessTokenResult.Ready ready:
                step.Ok("The sign-in is good");
                return ready.Token;
            case AccessTokenResult.Held held:
                step.Bad(held.Problem.Title, ConnectionTestRemedies.Of(held.Problem, with.Account, held.ServerWords));
                return null;
            case AccessTokenResult.TryLater later:
                step.Bad(later.Problem.Title, ConnectionTestRemedies.Of(later.Problem, with.Account, later.ServerWords));
                return null;
            case var other: throw new InvalidOperationException($"{other} is no outcome.");
        }
    }

    private async Task<AccessTokenResult> AskForTokenAsync(Account account, CancellationToken cancel)
    {
        try
        {
            return await parts.Tokens.GetAsync(account, Transport.Smtp, cancel);
        }
        catch (OperationCanceledException)
        {
            return new AccessTokenResult.TryLater(Problems.Unreachable, "The service did not answer in time.", TimeSpan.Zero);
        }
        catch (StorageFailedException fault)
        {
            return new AccessTokenResult.TryLater(Problems.DiskFull, fault.Message, TimeSpan.Zero);
        }
    }

    /// <summary>The password that was typed for this test; else the stored one, where it may be shown to what is tested.</summary>
    private Secret? FindPassword(Dialogue with)
    {
        var subject = with.Run.Subject;
        if (subject.TypedPassword is { } typed) return typed;
        if (subject.MayUseStoredSecrets && parts.Passwords.Find(subject.Saved!) is { } stored) return stored;
        var step = with.Begin("sign-in", "");
        if (subject.MayUseStoredSecrets || subject.Saved?.Method != with.Account.Method) step.Bad("There is no password to sign in with", ConnectionTestRemedies.NoPassword);
        else step.Warn("The sign-in was not tested: the password is stored for other settings", ConnectionTestRemedies.OtherPassword);
        return null;
    }

    private static async Task<bool> OfferSenderAsync(Dialogue with)
    {
        var (account, step) = (with.Account, with.Begin("sender", $"Offering the sender {with.Account.Address}"));
        try
        {
            var reply = await step.LimitedAsync(_stepLimit, cancel => with.Client.CommandAsync($"MAIL FROM:<{account.Address}>", cancel));
            if (reply.Code is < 200 or > 299) return step.Bad($"The server refused the sender {account.Address}", ConnectionTestRemedies.Refused(account, SmtpPhase.Sender, reply));
            await step.LimitedAsync(_stepLimit, cancel => with.Client.CommandAsync("RSET", cancel));
            return step.Ok($"The server accepted the sender {account.Address}");
        }
        catch (Exception fault) when (IsNetwork(fault))
        {
            return step.Bad("The connection was lost", ConnectionTestRemedies.Lost(Words(fault)));
        }
    }

    private async Task SendMailAsync(Dialogue with)
    {
        if (with.Run.Subject.MailTo is not { } to) return;
        var (account, step) = (with.Account, with.Begin("mail", $"Sending the test mail to {to}"));
        using var mail = TestMail(with, to);
        try
        {
            var words = await step.LimitedAsync(_limit, cancel => with.Client.SendAsync(mail, cancel));
            step.Ok($"The test mail to {to} was handed over", words);
        }
        catch (SmtpCommandException refusal)
        {
            var phase = refusal.ErrorCode == SmtpErrorCode.RecipientNotAccepted ? SmtpPhase.Recipient : SmtpPhase.Data;
            step.Bad($"The server refused the test mail to {to}", ConnectionTestRemedies.Refused(account, phase, new SmtpReply((int)refusal.StatusCode, refusal.Message)));
        }
        catch (Exception fault) when (IsNetwork(fault))
        {
            step.Bad("The connection was lost", ConnectionTestRemedies.Lost(Words(fault)));
        }
    }

    private MimeMessage TestMail(Dialogue with, MailAddress to)
    {
        var mail = new MimeMessage();
        mail.From.Add(new MailboxAddress("DeviceMail", with.Account.Address.ToString()));
        mail.To.Add(new MailboxAddress("", to.ToString()));
        mail.Subject = "Test mail of DeviceMail";
        mail.Headers.Add("Auto-Submitted", "auto-generated");
        mail.Body = new TextPart("plain") { Text = $"The gateway {parts.Settings.Current.GatewayName} sent this when somebody pressed Connection Test for {with.Account.Address}.\nMail goes out.\n" };
        return mail;
    }

    private static async Task LeaveAsync(Dialogue with)
    {
        var step = with.Begin("goodbye", "Saying goodbye");
        try
        {
            await step.LimitedAsync(_stepLimit, async cancel =>
            {
                await with.Client.DisconnectAsync(quit: true, cancel);
                return true;
            });
            step.Ok(with.Run.Steps.Any(one => one is { Key: "mail", Mark: "ok" }) ? "Said goodbye" : "Said goodbye; nothing was sent");
        }
        catch (Exception fault) when (IsNetwork(fault))
        {
            step.Off("The server was quicker to leave");
        }
    }

    /// <summary>MailKit puts the reply's code before the text of a refused sign-in.</summary>
    private static SmtpReply ReplyOf(Exception fault) => fault switch
    {
        SmtpCommandException said => new SmtpReply((int)said.StatusCode, said.Message),
        _ when Words(fault).Split(": ", 2) is [{ Length: 3 } code, var text] && int.TryParse(code, out var number) => new SmtpReply(number, text),
        _ => new SmtpReply(535, Words(fault)),
    };

    private static bool IsNetwork(Exception fault) =>
        fault is IOException or SocketException or ProtocolException or OperationCanceledException or TimeoutException or ServiceNotConnectedException;

    private static string Words(Exception fault) => fault is OperationCanceledException ? $"No answer in {_stepLimit.TotalSeconds:0} seconds." : fault.Message.Split('\n', 2)[0].Trim();

    private sealed record Dialogue(ConnectionTestRun Run, ConnectionTestClient Client, TimeProvider Time, CancellationToken Cancel)
    {
        public Account Account => Run.Subject.Account;

        public ConnectionTestMeter Begin(string key, string doing)
        {
            if (doing.Length > 0) Run.Report(new ConnectionTestStep(key, "work", doing));
            return new ConnectionTestMeter(Run, key, Time, Cancel);
        }
    }
}
