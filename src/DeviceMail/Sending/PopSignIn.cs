using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Network;
using DeviceMail.Queue;
using MailKit;
using MailKit.Net.Pop3;
using MailKit.Security;

namespace DeviceMail.Sending;

/// <summary>
/// POP before SMTP: a server that lets the address send for a while that has just signed in at its POP3 server (RFC 6409 3.3 names the way).
/// Secure Connection and Certificate Validation of the account hold for both servers.
/// </summary>
internal sealed class PopSignIn(PasswordKeeper passwords, Outside outside, TimeProvider time)
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    /// <returns>Null when signed in, or when the account's method is another one.</returns>
    public async Task<SendOutcome?> RunAsync(Account account, CancellationToken cancel)
    {
        if (account.Method != AuthenticationMethod.PopBeforeSmtp) return null;
        if (passwords.Find(account) is not { } password) return new SendOutcome.Held(Problems.PasswordRefused, "No password is set.");
        var server = $"POP3 server {account.PopHost}:{account.PopPort}";
        using var late = new CancellationTokenSource(_limit, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        using var client = new Pop3Client { CheckCertificateRevocation = false };
        client.ServerCertificateValidationCallback = account.VerifiesCertificate ? outside.Roots.For(account.PopHost) : TrustedRoots.Anybody;
        try
        {
            await client.ConnectAsync(await outside.Way.OpenMailAsync(account.PopHost, account.PopPort, limit.Token), account.PopHost, account.PopPort, UpstreamConnector.Options(account.Security), limit.Token);
            await client.AuthenticateAsync(account.SmtpUserName, password.Reveal(), limit.Token);
            await client.DisconnectAsync(quit: true, limit.Token);
            return null;
        }
        catch (AuthenticationException refusal)
        {
            return new SendOutcome.Held(Problems.PasswordRefused, $"{server}: {UpstreamConnector.FirstLine(refusal.Message)}");
        }
        catch (NotSupportedException)
        {
            return new SendOutcome.Held(Problems.TlsNotOffered, $"{server} offers no STARTTLS.");
        }
        catch (SslHandshakeException fault)
        {
            return new SendOutcome.Held(Problems.CertificateRefused, $"{server}: {UpstreamConnector.FirstLine(fault.Message)}");
        }
        catch (Pop3CommandException refusal)
        {
            return UpstreamConnector.NotNow(new SendOutcome.TryLater(Problems.ServerBusy, $"{server}: {UpstreamConnector.FirstLine(refusal.Message)}"));
        }
        catch (Exception fault) when (!cancel.IsCancellationRequested
            && fault is IOException or System.Net.Sockets.SocketException or ProtocolException or ServiceNotConnectedException or OperationCanceledException)
        {
            return new SendOutcome.Held(Problems.ServerUnreachable, $"{server}: {(late.IsCancellationRequested ? $"no answer in {_limit.TotalSeconds:0} s" : UpstreamConnector.FirstLine(fault.Message))}");
        }
    }
}
