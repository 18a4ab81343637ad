using System.Globalization;
using System.Net.Sockets;
using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Network;
using DeviceMail.Queue;
using DeviceMail.Storage;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;

namespace DeviceMail.Sending;

/// <summary>A connection that is ready for mail, or what became of the attempt.</summary>
internal abstract record Opening
{
    public sealed record Ready(UpstreamClient Client) : Opening;

    public sealed record Failed(SendOutcome Outcome) : Opening;
}

/// <summary>
/// Connects to an account's server and signs in. Nothing that is said before the first MAIL is about a mail: a refusal here holds the account and
/// never fails what waits.
/// </summary>
internal sealed class UpstreamConnector(TokenKeeper tokens, PasswordKeeper passwords, Outside outside, TimeProvider time)
{
    private static readonly TimeSpan _connectLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _signInLimit = TimeSpan.FromMinutes(2);

    // The longest silence on the wire: RFC 5321 4.5.3.2.6 gives a server 10 minutes for its reply to the final dot.
    private static readonly TimeSpan _longestSilence = TimeSpan.FromMinutes(10);

    private readonly PopSignIn _pop = new(passwords, outside, time);

    /// <inheritdoc cref="TokenKeeper.Hurry"/>
    public void Hurry(long accountId) => tokens.Hurry(accountId);

    public async Task<Opening> OpenAsync(Account account, GatewayIdentity gateway, CancellationToken cancel)
    {
        if (account.Method != AuthenticationMethod.OAuth2) return await OpenAsync(account, gateway, null, cancel);
        var given = await tokens.GetAsync(account, Transport.Smtp, cancel);
        if (given is not AccessTokenResult.Ready token) return Failed(given);
        var opening = await OpenAsync(account, gateway, token, cancel);
        if (opening is not Opening.Failed { Outcome: SendOutcome.Held { Problem: var problem } } || problem != Problems.SignInAgain) return opening;
        // 535 5.7.3 to a token that should be good: refresh once, try once, then hold.
        given = await tokens.RefusedAsync(account, Transport.Smtp, token.Token, cancel);
        return given is AccessTokenResult.Ready fresh ? await OpenAsync(account, gateway, fresh, cancel) : Failed(given);
    }

    private async Task<Opening> OpenAsync(Account account, GatewayIdentity gateway, AccessTokenResult.Ready? token, CancellationToken cancel)
    {
        if (await _pop.RunAsync(account, cancel) is { } failed) return new Opening.Failed(failed);
        var client = new UpstreamClient
        {
            LocalDomain = gateway.Name,
            CheckCertificateRevocation = false,
            Timeout = (int)_longestSilence.TotalMilliseconds,
            ServerCertificateValidationCallback = account.VerifiesCertificate ? outside.Roots.For(account.Host) : TrustedRoots.Anybody,
            UsableUntil = token?.ExpiresAt ?? DateTimeOffset.MaxValue,
        };
        try
        {
            var outcome = await ConnectAsync(client, account, cancel) ?? await SignInAsync(client, account, token?.Token, cancel);
            if (outcome is null) return new Opening.Ready(client);
            client.Dispose();
            return new Opening.Failed(outcome is SendOutcome.Held held ? held with { IsTransports = true } : outcome);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <returns>Null when the connection stands.</returns>
    private async Task<SendOutcome?> ConnectAsync(UpstreamClient client, Account account, CancellationToken cancel)
    {
        var server = $"{account.Host}:{account.Port}";
        using var limit = new SendLimit(time, _connectLimit, cancel);
        try
        {
            await client.OpenAsync(await outside.Way.OpenMailAsync(account.Host, account.Port, limit.Token), account, Options(account.Security), limit.Token);
            return null;
        }
        catch (Exception fault) when (limit.IsOver)
        {
            return new SendOutcome.Held(Problems.ServerUnreachable, $"{server} did not answer in {_connectLimit.TotalSeconds:0} s. {FirstLine(fault.Message)}");
        }
        catch (SmtpCommandException refusal)
        {
            return Judge(new SmtpReply((int)refusal.StatusCode, refusal.Message), SmtpPhase.Connect, account);
        }
        catch (NotSupportedException)
        {
            return new SendOutcome.Held(Problems.TlsNotOffered, $"{server} offers no STARTTLS.");
        }
        catch (SslHandshakeException fault) when (fault.ServerCertificate is not null)
        {
            return new SendOutcome.Held(Problems.CertificateRefused, $"{server}: {SecondParagraph(fault.Message)}");
        }
        catch (SslHandshakeException fault) when (fault.InnerException is System.Security.Authentication.AuthenticationException reason)
        {
            return new SendOutcome.Held(Problems.TlsNotOffered, $"{server}: {FirstLine(reason.Message)}");
        }
        catch (Exception fault) when (fault is SslHandshakeException || IsNetwork(fault, cancel))
        {
            return new SendOutcome.Held(Problems.ServerUnreachable, $"{server}: {FirstLine((fault.InnerException ?? fault).Message)}");
        }
    }

    /// <returns>Null when signed in.</returns>
    private async Task<SendOutcome?> SignInAsync(UpstreamClient client, Account account, Secret? token, CancellationToken cancel)
    {
        if (account.Method is AuthenticationMethod.Off or AuthenticationMethod.PopBeforeSmtp) return null;
        var mechanism = token is null ? null : new TokenSasl(account, token);
        if (mechanism is not null && !client.AuthenticationMechanisms.Contains(mechanism.MechanismName))
            return new SendOutcome.Held(Problems.ServerRefuses, $"{account.Host} offers no sign-in by {mechanism.MechanismName} on this connection.");
        using var limit = new SendLimit(time, _signInLimit, cancel);
        try
        {
            if (mechanism is not null) await client.AuthenticateAsync(mechanism, limit.Token);
            else if (passwords.Find(account) is { } password) await client.AuthenticateAsync(account.SmtpUserName, password.Reveal(), limit.Token);
            else return new SendOutcome.Held(Problems.PasswordRefused, "No password is set.");
            return null;
        }
        catch (Exception) when (limit.IsOver)
        {
            return new SendOutcome.Held(Problems.ServerUnreachable, $"{account.Host} did not answer the sign-in in {_signInLimit.TotalMinutes:0} minutes.");
        }
        catch (AuthenticationException refusal)
        {
            return WithDetail(Judge(ReplyOf(refusal), SmtpPhase.SignIn, account), mechanism?.Refusal);
        }
        catch (SmtpCommandException refusal)
        {
            return WithDetail(Judge(new SmtpReply((int)refusal.StatusCode, refusal.Message), SmtpPhase.SignIn, account), mechanism?.Refusal);
        }
        catch (NotSupportedException)
        {
            return new SendOutcome.Held(Problems.ServerRefuses, $"{account.Host} offers no sign-in by password on this connection.");
        }
        catch (Exception fault) when (IsNetwork(fault, cancel))
        {
            return new SendOutcome.Held(Problems.ServerUnreachable, FirstLine(fault.Message));
        }
    }

    /// <summary>The network, not the program, is at fault.</summary>
    internal static bool IsNetwork(Exception fault, CancellationToken cancel) => !cancel.IsCancellationRequested
        && fault is IOException or SocketException or ProtocolException or OperationCanceledException or TimeoutException or ServiceNotConnectedException;

    internal static string FirstLine(string text) => text.Split('\n', 2)[0].Trim();

    private static SendOutcome Judge(SmtpReply reply, SmtpPhase phase, Account account) => SmtpReplies.Judge(reply, phase) switch
    {
        SendOutcome.TryLater later => NotNow(later),
        SendOutcome.Refused refused => new SendOutcome.Held(phase == SmtpPhase.SignIn ? NotAccepted(account) : Problems.ServerRefuses, refused.ServerWords),
        SendOutcome.Held held when held.Problem == Problems.SignInAgain => held with { Problem = NotAccepted(account) },
        var other => other,
    };

    /// <summary>Said before any mail was offered: it is no attempt of a mail, and the account rests for as long as it takes.</summary>
    internal static SendOutcome.TryLater NotNow(SendOutcome.TryLater later) => later with { After = later.After ?? SmtpReplies.LimitWait, Counts = false };

    /// <summary>What the account showed is not accepted any more.</summary>
    private static Problem NotAccepted(Account account) => account.Method switch
    {
        AuthenticationMethod.OAuth2 => Problems.SignInAgain,
        AuthenticationMethod.SmtpAuth => Problems.PasswordRefused,
        _ => Problems.ServerRefuses,
    };

    private static Opening.Failed Failed(AccessTokenResult given) => new(OutcomeOf(given));

    /// <summary>What follows for mail when there is no token. Without the permission for one interface another one may take it.</summary>
    internal static SendOutcome OutcomeOf(AccessTokenResult given) => given switch
    {
        AccessTokenResult.TryLater later => new SendOutcome.Held(later.Problem, later.ServerWords) { After = later.After },
        AccessTokenResult.Held held => new SendOutcome.Held(held.Problem, held.ServerWords) { IsTransports = held.IsTransports },
        _ => throw new InvalidOperationException($"{given} is no refusal."),
    };

    /// <summary>MailKit puts the reply's code before its text: "535: 5.7.3 …"; without one it was 534 (mechanism too weak).</summary>
    private static SmtpReply ReplyOf(AuthenticationException refusal) =>
        refusal.Message is [_, _, _, ':', ..] && int.TryParse(refusal.Message.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var code)
            ? new SmtpReply(code, refusal.Message[4..].Trim())
            : new SmtpReply(534, refusal.Message);

    /// <summary>Adds what the mechanism itself said about the token (RFC 7628 3.2.2).</summary>
    private static SendOutcome WithDetail(SendOutcome outcome, string? detail)
    {
        if (detail is not { Length: > 0 }) return outcome;
        var words = $" {new string([.. detail.Where(c => !char.IsControl(c)).Take(300)])}";
        return outcome switch
        {
            SendOutcome.Held held => held with { ServerWords = held.ServerWords + words },
            SendOutcome.TryLater later => later with { ServerWords = later.ServerWords + words },
            _ => outcome,
        };
    }

    /// <summary>MailKit names the certificate's fault behind a sentence that says nothing.</summary>
    private static string SecondParagraph(string text) =>
        string.Join(' ', text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(3));

    internal static SecureSocketOptions Options(ConnectionSecurity security) => security switch
    {
        ConnectionSecurity.StartTls => SecureSocketOptions.StartTls,
        ConnectionSecurity.SslTls => SecureSocketOptions.SslOnConnect,
        _ => SecureSocketOptions.None,
    };
}
