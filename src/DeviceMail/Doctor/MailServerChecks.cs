using DeviceMail.Network;
using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Messages;
using DeviceMail.Queue;
using DeviceMail.Sending;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;

namespace DeviceMail.Doctor;

/// <summary>What the mail server of an account is asked with.</summary>
internal sealed record MailServerParts(UpstreamConnector Connector, GatewayIdentitySource Gateway, Outside Outside, TimeProvider Time);

/// <summary>
/// The mail server of one account: its proof, the sign-in to SMTP, the switches of SMTP AUTH, and the sender. No mail is handed over. The sign-in
/// goes the very way that mail goes.
/// </summary>
internal sealed class MailServerChecks(Account account, MailServerParts parts) : IDisposable
{
    private const int MostSenders = 5;

    /// <summary>Whether mail goes out by another interface where this one refuses the account.</summary>
    public Func<bool> GoesOtherwise { get; init; } = () => false;

    private UpstreamClient? _signedIn;
    private string _refusal = "";
    private bool _wasAsked;

    public DoctorStep Proof => new("mail-tls", "The mail server proves who it is", ProofAsync) { Needs = ["mail-route"], Limit = TimeSpan.FromSeconds(40) };

    public IEnumerable<DoctorStep> Steps() =>
    [
        new("smtp-auth", "The mail server accepts the account", SignInAsync) { Needs = ["mail-tls", "token"], Limit = TimeSpan.FromSeconds(100) },
        .. account.Method == AuthenticationMethod.Off ? (DoctorStep[])[] : [new("smtp-auth-switch", "Switches of SMTP AUTH", _ => Task.FromResult(Switches()))],
        new("sender", "The mail server accepts the sender", SenderAsync) { Needs = ["smtp-auth"], Limit = TimeSpan.FromSeconds(60) },
    ];

    /// <summary>Ends the connection that a cancelled examination left open.</summary>
    public void Dispose() => _signedIn?.Dispose();

    /// <summary>Connects and greets without any secret, so that a server that is not believed can be looked at too.</summary>
    private async Task<DoctorLine> ProofAsync(CancellationToken cancel)
    {
        ServerProof? proof = null;
        using var client = new UpstreamClient
        {
            LocalDomain = parts.Gateway.Current.Name,
            CheckCertificateRevocation = false,
            ServerCertificateValidationCallback = ServerProof.Watch(account.Host, parts.Outside.Roots, seen => proof = seen),
        };
        try
        {
            await client.OpenAsync(await parts.Outside.Way.OpenMailAsync(account.Host, account.Port, cancel), account, UpstreamConnector.Options(account.Security), cancel);
            var protocol = $"{client.SslProtocol}".Replace("Tls", "TLS ", StringComparison.Ordinal).Replace("TLS 1", "TLS 1.", StringComparison.Ordinal).TrimEnd('.');
            await client.DisconnectAsync(quit: true, cancel);
            return ToLine(proof, protocol);
        }
        catch (SmtpCommandException refusal)
        {
            return ToLine(SmtpReplies.Judge(new SmtpReply((int)refusal.StatusCode, refusal.Message), SmtpPhase.Connect));
        }
        catch (NotSupportedException)
        {
            return DoctorLine.Failed(Problems.TlsNotOffered, $"{account.Host} offers no STARTTLS.");
        }
        catch (Exception fault) when (fault is SslHandshakeException || UpstreamConnector.IsNetwork(fault, cancel))
        {
            return DoctorLine.Failed($"{account.Host} was reached, but no mail server spoke there.",
                "The gateway's administrator checks port and Secure Connection under Network > Email Server > Basic; the network's administrator allows SMTP from this gateway without looking into it.",
                UpstreamConnector.FirstLine((fault.InnerException ?? fault).Message));
        }
    }

    private DoctorLine ToLine(ServerProof? proof, string protocol)
    {
        if (account.Security == ConnectionSecurity.None || proof is null)
            return DoctorLine.Warned($"Mail goes to {account.Host} without encryption.", "The gateway's administrator sets Secure Connection under Network > Email Server > Basic, if the server offers it.");
        var line = proof.ToLine(protocol, parts.Time.GetUtcNow());
        return account.VerifiesCertificate ? line
            : DoctorLine.Warned("Certificate Validation is disabled: any server on the way could get the sign-in and the mail.", "The gateway's administrator enables it under Network > Email Server > Basic.") with { ServerWords = line.ServerWords };
    }

    private async Task<DoctorLine> SignInAsync(CancellationToken cancel)
    {
        _wasAsked = true;
        switch (await parts.Connector.OpenAsync(account, parts.Gateway.Current, cancel))
        {
            case Opening.Ready { Client: var client }:
                _signedIn = client;
                return DoctorLine.Passed(account.Method == AuthenticationMethod.Off ? $"{account.Host} takes mail without a sign-in." : $"{account.Host} accepts {account.SmtpUserName}. No mail was sent.");
            case Opening.Failed { Outcome: var outcome }:
                var line = ToLine(outcome);
                if (line.Mark == DoctorMark.Failed && GoesOtherwise()) line = line with { Mark = DoctorMark.Warned, Sentence = $"SMTP refuses the account, and mail goes out by Microsoft Graph. {line.Sentence}" };
                _refusal = line.ServerWords;
                // The line about the switches has the words and what to do.
                return AuthSwitches.Possible(_refusal).Count == 0 ? line : line with { Remedy = "The next line says which switch it is, and what to do.", ServerWords = "" };
            default: throw new InvalidOperationException("A connection is ready or failed.");
        }
    }

    private DoctorLine Switches()
    {
        if (_signedIn is not null) return DoctorLine.Passed("Neither the mailbox nor the organisation nor security defaults switch SMTP AUTH off.");
        if (!_wasAsked) return DoctorLine.Unknown("Switches of SMTP AUTH: the server shows them only to a good sign-in.", "Mend the lines above, then run the doctor again.");
        if (AuthSwitches.Possible(_refusal).Count == 0) return DoctorLine.Unknown("Switches of SMTP AUTH: the server's words are about something else, see “smtp-auth” above.");
        var line = AuthSwitches.Line(_refusal, account.SmtpUserName);
        if (line.Mark == DoctorMark.Failed && GoesOtherwise()) line = line with { Mark = DoctorMark.Warned };
        return account.Method == AuthenticationMethod.OAuth2 ? line
            : line with { Remedy = $"First the gateway's administrator sets Authentication Method to OAuth2 under Network > Email Server > Basic, and signs in. If it stays: {line.Remedy}" };
    }

    private async Task<DoctorLine> SenderAsync(CancellationToken cancel)
    {
        if (_signedIn is not { } client) return DoctorLine.Unknown("The sender was not asked for: there is no connection.");
        using (client)
        {
            MailAddress[] senders = [account.Address, .. account.AllowedSenders.Where(one => one != account.Address).Take(MostSenders - 1)];
            foreach (var sender in senders)
            {
                var reply = await client.CommandAsync($"MAIL FROM:<{sender}>{(Ascii(sender) || !client.Abilities.TakesUtf8 ? "" : " SMTPUTF8")}", cancel);
                await client.CommandAsync("RSET", cancel);
                if (reply.Code / 100 != 2) return RefusedSender(sender, reply);
            }
            await client.DisconnectAsync(quit: true, cancel);
            var names = string.Join(", ", senders.AsEnumerable());
            return DoctorLine.Passed(senders.Length == 1
                ? $"{account.Host} takes mail from {names}."
                : $"{account.Host} takes mail from {names}; whether it may send as an address other than its own, Exchange Online tells at the first mail only.");
        }
    }

    private static DoctorLine RefusedSender(MailAddress sender, SmtpReply reply) => SmtpReplies.Judge(reply, SmtpPhase.Sender) switch
    {
        SendOutcome.TryLater later => ToLine(later),
        SendOutcome.Held held => ToLine(held),
        _ => DoctorLine.Failed($"The mail server refuses the sender {sender}.", Problems.SendAsDenied.Remedy, reply.ToString()),
    };

    private static DoctorLine ToLine(SendOutcome outcome) => outcome switch
    {
        SendOutcome.Held held => DoctorLine.Failed(held.Problem, held.ServerWords),
        SendOutcome.Refused refused => DoctorLine.Failed(refused.Problem, refused.ServerWords),
        SendOutcome.TryLater { Problem: var problem, ServerWords: var words } when problem != Problems.ServerUnreachable && problem != Problems.Unreachable =>
            DoctorLine.Unknown($"{problem.Title}. {problem.Cause}", $"{problem.Remedy} Run the doctor again later.") with { ServerWords = words },
        SendOutcome.TryLater later => DoctorLine.Failed(later.Problem, later.ServerWords),
        _ => DoctorLine.Unknown("The mail server's answer says nothing."),
    };

    private static bool Ascii(MailAddress address) => System.Text.Ascii.IsValid(address.ToString());
}
