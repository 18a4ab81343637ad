using System.Net.Sockets;
using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Messages;
using DeviceMail.Queue;
using DeviceMail.Storage;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;

namespace DeviceMail.Sending;

/// <summary>Hands one stored mail to the account's SMTP server: exactly the envelope's recipients, exactly the stored octets.</summary>
internal sealed class SmtpSender(MailQueue queue, TokenKeeper tokens, PasswordKeeper passwords, TrustedRoots roots, TimeProvider time)
{
    private static readonly TimeSpan _connectLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _sendLimit = TimeSpan.FromMinutes(15);

    public async Task<DeliveryResult> SendAsync(Job job, Account account, UpstreamPool pool, GatewayIdentity gateway, CancellationToken cancel)
    {
        MailAddress[] open = [.. job.Recipients.Where(one => one.State == RecipientState.Open).Select(one => one.Address)];
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var timer = time.CreateTimer(_ => limit.Cancel(), null, _sendLimit, Timeout.InfiniteTimeSpan);
        var reused = pool.TryTake();
        if (reused is not null)
        {
            var result = await TryAsync(reused, new Delivery(job, account, open, gateway), pool, limit.Token);
            if (result is not null) return result;
        }
        var opened = await OpenAsync(account, gateway, limit.Token);
        return opened switch
        {
            Opened.Client ready => await TryAsync(ready.Connection, new Delivery(job, account, open, gateway), pool, limit.Token)
                ?? Lost(open, "The connection was lost before the server answered."),
            Opened.Failed failed => DeliveryResult.ForAll(open, failed.Outcome),
            _ => throw new InvalidOperationException($"{opened} is no outcome."),
        };
    }

    /// <returns>Null when the connection was lost before the server answered MAIL: nothing was handed over, and another can be tried at once.</returns>
    private async Task<DeliveryResult?> TryAsync(UpstreamClient client, Delivery delivery, UpstreamPool pool, CancellationToken cancel)
    {
        var (job, account, open, gateway) = delivery;
        if (Objection(client, job, open) is { } objection)
        {
            pool.Give(client);
            return DeliveryResult.ForAll(open, objection);
        }
        try
        {
            using var body = queue.OpenBody(job);
            var header = new byte[job.Traits.HeaderLength];
            await body.ReadExactlyAsync(header, cancel);
            using var message = new StoredMessage(OutgoingHeader.Write(job, account, header, gateway), body,
                job.Traits.BodyHasEightBit || job.Traits.HeaderHasEightBit ? EightBit.Yes : EightBit.No);
            var words = await client.SendAsync(message, OutgoingHeader.EnvelopeSender(job, account), open, cancel);
            pool.Give(client);
            return Each(open, client, new SendOutcome.Sent($"250 {words}"));
        }
        catch (SmtpCommandException refusal)
        {
            var outcome = Judge(refusal, client.Refused.Count == open.Length);
            var result = Each(open, client, outcome);
            if (client.IsConnected && outcome is not SendOutcome.Held) pool.Give(client);
            else client.Dispose();
            return result;
        }
        catch (ServiceNotAuthenticatedException refusal)
        {
            client.Dispose();
            return DeliveryResult.ForAll(open, new SendOutcome.Held(Problems.SignInAgain, refusal.Message));
        }
        catch (Exception fault) when (IsNetwork(fault) && !cancel.IsCancellationRequested)
        {
            var answered = client.HasAnswered;
            client.Dispose();
            return answered ? Lost(open, fault.Message) : null;
        }
        catch (FileNotFoundException gone)
        {
            pool.Give(client);
            return DeliveryResult.ForAll(open, new SendOutcome.Refused(Problems.MessageRefused, gone.Message));
        }
    }

    private async Task<Opened> OpenAsync(Account account, GatewayIdentity gateway, CancellationToken cancel)
    {
        var (token, until) = (default(Secret), DateTimeOffset.MaxValue);
        if (account.Method == AuthenticationMethod.OAuth2)
        {
            switch (await tokens.GetAsync(account, cancel))
            {
                case AccessTokenResult.Ready ready: (token, until) = (ready.Token, ready.ExpiresAt); break;
                case AccessTokenResult.TryLater later: return new Opened.Failed(new SendOutcome.Held(later.Problem, later.ServerWords) { After = later.After });
                case AccessTokenResult.Held held: return new Opened.Failed(new SendOutcome.Held(held.Problem, held.ServerWords));
            }
        }
        var opened = await ConnectAsync(account, gateway, cancel);
        if (opened is not Opened.Client { Connection: var client }) return opened;
        client.UsableUntil = until;
        var refusal = await SignInAsync(client, account, token, cancel);
        if (token is not null && client.IsConnected && refusal is SendOutcome.Held { Problem: var problem } && problem == Problems.SignInAgain)
        {
            // 535 5.7.3 to a token that should be good: refresh once, try once, then hold.
            switch (await tokens.RefusedAsync(account, token, cancel))
            {
                case AccessTokenResult.Ready fresh:
                    client.Dispose();
                    opened = await ConnectAsync(account, gateway, cancel);
                    if (opened is not Opened.Client { Connection: var second }) return opened;
                    client = second;
                    client.UsableUntil = fresh.ExpiresAt;
                    refusal = await SignInAsync(client, account, fresh.Token, cancel);
                    break;
                // The provider says why there is no fresh one; that is the cause, and the server's refusal only follows from it.
                case AccessTokenResult.Held held: refusal = new SendOutcome.Held(held.Problem, held.ServerWords); break;
                case AccessTokenResult.TryLater later: refusal = new SendOutcome.Held(later.Problem, later.ServerWords) { After = later.After }; break;
            }
        }
        if (refusal is null) return new Opened.Client(client);
        client.Dispose();
        return new Opened.Failed(refusal);
    }

    private async Task<Opened> ConnectAsync(Account account, GatewayIdentity gateway, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var timer = time.CreateTimer(_ => limit.Cancel(), null, _connectLimit, Timeout.InfiniteTimeSpan);
        var client = new UpstreamClient { LocalDomain = gateway.Name, CheckCertificateRevocation = false, Timeout = 300_000 };
        client.ServerCertificateValidationCallback = account.VerifiesCertificate ? roots.For(account.Host) : TrustedRoots.Anybody;
        try
        {
            var socket = await UpstreamClient.OpenSocketAsync(account.Host, account.Port, limit.Token);
            await client.ConnectAsync(socket, account.Host, account.Port, Options(account.Security), limit.Token);
            return new Opened.Client(client);
        }
        catch (SmtpCommandException refusal)
        {
            client.Dispose();
            return new Opened.Failed(SmtpReplies.Judge(new SmtpReply((int)refusal.StatusCode, refusal.Message), SmtpPhase.Connect));
        }
        catch (NotSupportedException)
        {
            client.Dispose();
            return new Opened.Failed(new SendOutcome.Held(Problems.TlsNotOffered, $"{account.Host}:{account.Port} offers no STARTTLS."));
        }
        catch (Exception fault) when (fault is SslHandshakeException or System.Security.Authentication.AuthenticationException)
        {
            client.Dispose();
            return new Opened.Failed(new SendOutcome.Held(Problems.CertificateRefused, FirstLine(fault.Message)));
        }
        catch (Exception fault) when (IsNetwork(fault) && !cancel.IsCancellationRequested)
        {
            client.Dispose();
            return new Opened.Failed(new SendOutcome.Held(Problems.ServerUnreachable, $"{account.Host}:{account.Port}: {FirstLine(fault.Message)}"));
        }
    }

    private async Task<SendOutcome?> SignInAsync(UpstreamClient client, Account account, Secret? token, CancellationToken cancel)
    {
        SaslMechanism? mechanism = null;
        try
        {
            switch (account.Method)
            {
                case AuthenticationMethod.Off: return null;
                case AuthenticationMethod.OAuth2: mechanism = new TokenSasl(account, token!); break;
                case AuthenticationMethod.SmtpAuth when passwords.Find(account) is { } password:
                    await client.AuthenticateAsync(account.SmtpUserName, password.Reveal(), cancel);
                    return null;
                default: return new SendOutcome.Held(Problems.PasswordRefused, "No password is set.");
            }
            await client.AuthenticateAsync(mechanism, cancel);
            return null;
        }
        catch (AuthenticationException refusal)
        {
            var reply = refusal.InnerException is SmtpCommandException inner ? new SmtpReply((int)inner.StatusCode, inner.Message) : new SmtpReply(535, refusal.Message);
            return SmtpReplies.Judge(reply, SmtpPhase.SignIn);
        }
        catch (SmtpCommandException refusal)
        {
            return SmtpReplies.Judge(new SmtpReply((int)refusal.StatusCode, refusal.Message), SmtpPhase.SignIn);
        }
        catch (NotSupportedException)
        {
            return new SendOutcome.Held(Problems.SignInAgain, $"{account.Host} offers no sign-in by {mechanism?.MechanismName ?? "password"} on this connection.");
        }
        catch (Exception fault) when (IsNetwork(fault) && !cancel.IsCancellationRequested)
        {
            return new SendOutcome.Held(Problems.ServerUnreachable, FirstLine(fault.Message));
        }
    }

    /// <summary>What the server could not take, seen before it is asked.</summary>
    private static SendOutcome.Refused? Objection(UpstreamClient client, Job job, MailAddress[] open)
    {
        if (!client.TakesUtf8 && open.Any(one => one.NeedsUtf8))
            return new SendOutcome.Refused(Problems.NeedsUtf8, "The server does not announce SMTPUTF8.");
        if (!client.TakesEightBit && job.Traits.BodyHasEightBit)
            return new SendOutcome.Refused(Problems.NeedsEightBit, "The server does not announce 8BITMIME.");
        return job.Traits.Size > client.LargestMessage
            ? new SendOutcome.Refused(Problems.MessageTooLarge, $"The server takes {client.LargestMessage} octets at most.")
            : null;
    }

    private static SendOutcome Judge(SmtpCommandException refusal, bool allRefused) => SmtpReplies.Judge(
        new SmtpReply((int)refusal.StatusCode, refusal.Message),
        refusal.ErrorCode switch
        {
            SmtpErrorCode.SenderNotAccepted => SmtpPhase.Sender,
            SmtpErrorCode.RecipientNotAccepted => SmtpPhase.Recipient,
            _ when allRefused => SmtpPhase.Recipient,
            _ => SmtpPhase.Data,
        });

    private static DeliveryResult Each(MailAddress[] open, UpstreamClient client, SendOutcome others) => new([.. open.Select(address =>
    {
        var refused = client.Refused.FirstOrDefault(one => address == MailAddress.Parse(one.Address));
        return new RecipientOutcome(address, refused.Reply is null ? others : SmtpReplies.Judge(refused.Reply, SmtpPhase.Recipient));
    })]);

    private static DeliveryResult Lost(MailAddress[] open, string words) =>
        DeliveryResult.ForAll(open, new SendOutcome.TryLater(Problems.ServerUnreachable, FirstLine(words)));

    private static SecureSocketOptions Options(ConnectionSecurity security) => security switch
    {
        ConnectionSecurity.StartTls => SecureSocketOptions.StartTls,
        ConnectionSecurity.SslTls => SecureSocketOptions.SslOnConnect,
        _ => SecureSocketOptions.None,
    };

    private static bool IsNetwork(Exception fault) =>
        fault is IOException or SocketException or ProtocolException or OperationCanceledException or TimeoutException or ServiceNotConnectedException
        && fault is not FileNotFoundException;

    private static string FirstLine(string text) => text.Split('\n', 2)[0].Trim();

    private sealed record Delivery(Job Job, Account Account, MailAddress[] Open, GatewayIdentity Gateway);

    private abstract record Opened
    {
        public sealed record Client(UpstreamClient Connection) : Opened;

        public sealed record Failed(SendOutcome Outcome) : Opened;
    }
}
