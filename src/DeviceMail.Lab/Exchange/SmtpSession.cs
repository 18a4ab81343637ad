using DeviceMail.Lab.Mailboxes;
using DeviceMail.Lab.Switches;

namespace DeviceMail.Lab.Exchange;

/// <summary>One SMTP session with the pretend front end of Exchange Online. What it was not taught gets 500.</summary>
public sealed class SmtpSession(PretendCloud cloud, SubmissionDesk desk, SmtpConnection connection)
{
    private readonly SmtpReplies _replies = new(cloud.Time);
    private bool _greeted, _closing;
    private SmtpIdentity? _identity;
    private Submission? _submission;

    public async Task RunAsync(CancellationToken ct)
    {
        var switches = cloud.Switches;
        if (switches.SmtpUnreachable)
            return;
        connection.Idle = TimeSpan.FromSeconds(switches.IdleSeconds);
        if (switches.SmtpThrottle == SmtpThrottle.Closing)
        {
            await ReplyAsync(_replies.Closing, ct);
            return;
        }

        await ReplyAsync(switches.Scripts.Take(SmtpPhase.Connect) ?? _replies.Greeting, ct);
        try
        {
            while (!_closing && await connection.ReadLineAsync(ct) is { } line)
                await HandleAsync(line, ct);
        }
        catch (TimeoutException)
        {
            await connection.WriteAsync(_replies.Silent, ct);
        }
        finally
        {
            Forget();
        }
    }

    private Task HandleAsync(string line, CancellationToken ct)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        var (verb, argument) = space < 0 ? (line, "") : (line[..space], line[(space + 1)..]);
        if (line.EndsWith('\n'))
            verb = "";
        return verb.ToUpperInvariant() switch
        {
            "EHLO" => HelloAsync(argument, ct),
            "HELO" => PlainHelloAsync(argument, ct),
            "STARTTLS" => StartTlsAsync(ct),
            "AUTH" => AuthAsync(argument, ct),
            "MAIL" => ReplyAsync(Scripted(SmtpPhase.Mail) ?? Mail(argument), ct),
            "RCPT" => ReplyAsync(Scripted(SmtpPhase.Rcpt) ?? Rcpt(argument), ct),
            "DATA" when argument.Length > 0 => ReplyAsync(SmtpReplies.BadArguments, ct),
            "DATA" => DataAsync(ct),
            "BDAT" => ChunkAsync(argument, ct),
            "RSET" => ResetAsync(ct),
            "NOOP" => ReplyAsync(SmtpReplies.Noop, ct),
            "QUIT" => QuitAsync(ct),
            _ => ReplyAsync(SmtpReplies.Unknown, ct),
        };
    }

    private string? Scripted(SmtpPhase phase) => cloud.Switches.Scripts.Take(phase);

    private async Task HelloAsync(string domain, CancellationToken ct)
    {
        if (Scripted(SmtpPhase.Ehlo) is { } scripted)
        {
            await ReplyAsync(scripted, ct);
            return;
        }

        if (domain.Trim().Length == 0)
        {
            await ReplyAsync(SmtpReplies.BadDomain, ct);
            return;
        }

        Forget();
        _greeted = true;
        var lines = SmtpReplies.ExtendedHello(connection.Remote, connection.IsSecure ? "AUTH LOGIN XOAUTH2" : "STARTTLS");
        await ReplyAsync(string.Join("\r\n", lines), ct);
    }

    private Task PlainHelloAsync(string domain, CancellationToken ct)
    {
        if (domain.Trim().Length == 0)
            return ReplyAsync(SmtpReplies.BadDomain, ct);
        Forget();
        _greeted = true;
        return ReplyAsync(SmtpReplies.Hello(connection.Remote), ct);
    }

    private async Task StartTlsAsync(CancellationToken ct)
    {
        // Commands that came along in clear would be taken for commands inside TLS (RFC 3207 6).
        if (!_greeted || connection.IsSecure || connection.HasMore)
        {
            await ReplyAsync(SmtpReplies.BadSequence, ct);
            _closing |= connection.HasMore;
            return;
        }

        await ReplyAsync(SmtpReplies.ReadyForTls, ct);
        await connection.SecureAsync(cloud.Certificate.Server, ct);
        Forget();
        _greeted = false;
    }

    private async Task AuthAsync(string argument, CancellationToken ct)
    {
        if (!_greeted || _identity is not null || _submission is not null)
        {
            await ReplyAsync(_greeted ? SmtpReplies.BadSequence : SmtpReplies.HelloFirst, ct);
            return;
        }

        if (!connection.IsSecure)
        {
            await ReplyAsync(SmtpReplies.UnknownMechanism, ct);
            return;
        }

        var outcome = await new SmtpSignIn(cloud, _replies, connection).RunAsync(argument, ct);
        if (outcome is null)
        {
            _closing = true;
            return;
        }

        if (Scripted(SmtpPhase.Auth) is { } scripted)
            outcome = new(scripted, null);
        _identity = outcome.Identity;
        if (_identity is null)
            cloud.Counters.CountRefusal();
        else
            cloud.Counters.CountSignIn();
        await ReplyAsync(outcome.Reply, ct);
    }

    private string Mail(string argument)
    {
        if (!_greeted)
            return SmtpReplies.HelloFirst;
        if (!connection.IsSecure)
            return _replies.TlsRequired;
        if (_identity is null)
            return _replies.NotSignedIn;
        if (_submission is not null)
            return SmtpReplies.SenderSet;
        if (SmtpPath.ReadMail(argument) is not { } path)
            return SmtpReplies.BadArguments;
        if (path.HasBadAddress)
            return SmtpReplies.BadSender;
        if (cloud.Switches.SmtpThrottle == SmtpThrottle.Later)
            return _replies.Busy;
        if (path.Size > SmtpReplies.AnnouncedSize)
            return _replies.TooLarge;
        _submission = new(_identity, path.Address);
        return SmtpReplies.SenderOk;
    }

    private string Rcpt(string argument)
    {
        if (_submission is not { } submission)
            return SmtpReplies.MailFirst;
        if (SmtpPath.ReadRcpt(argument) is not { } path)
            return SmtpReplies.BadArguments;
        if (path.HasBadAddress)
            return SmtpReplies.BadRecipient;
        if (submission.Recipients.Count >= cloud.Switches.RecipientsPerMessage)
            return SmtpReplies.TooManyRecipients;
        submission.Recipients.Add(path.Address);
        return SmtpReplies.RecipientOk;
    }

    private async Task DataAsync(CancellationToken ct)
    {
        if (Scripted(SmtpPhase.Data) is { } scripted)
        {
            await ReplyAsync(scripted, ct);
            return;
        }

        if (_submission is not { Recipients.Count: > 0, Chunks: null } submission)
        {
            await ReplyAsync(_submission is null ? SmtpReplies.MailFirst : SmtpReplies.RcptFirst, ct);
            return;
        }

        using var spool = desk.NewSpool();
        string? reply = null;
        var within = desk.Begin(submission);
        try
        {
            await ReplyAsync(SmtpReplies.StartInput, ct);
            var reader = new DotReader(spool);
            while (!reader.Ended && !_closing)
            {
                var bytes = await connection.ReadAsync(ct);
                _closing = bytes.IsEmpty;
                connection.Consume(reader.Read(bytes.Span));
            }

            if (reader.Ended)
                reply = within ? await desk.SubmitAsync(submission, spool, ct) : _replies.TooManySends;
        }
        finally
        {
            desk.End(submission);
        }

        if (reply is not null)
            await FinishAsync(reply, ct);
    }

    /// <summary>BDAT of RFC 3030, which the greeting announces.</summary>
    private async Task ChunkAsync(string argument, CancellationToken ct)
    {
        var words = argument.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is 0 or > 2 || !long.TryParse(words[0], out var left) || left < 0
            || (words.Length == 2 && !words[1].Equals("LAST", StringComparison.OrdinalIgnoreCase)))
        {
            await ReplyAsync(SmtpReplies.BadArguments, ct);
            _closing = true;
            return;
        }

        var submission = _submission is { Recipients.Count: > 0 } ? _submission : null;
        using var thrownAway = submission is null ? new BodySpool(cloud.Folder) { Limit = 0 } : null;
        var spool = thrownAway ?? (submission!.Chunks ??= desk.NewSpool());
        var total = left;
        while (left > 0)
        {
            var bytes = await connection.ReadAsync(ct);
            if (bytes.IsEmpty)
            {
                _closing = true;
                return;
            }

            var count = (int)Math.Min(left, bytes.Length);
            spool.Write(bytes.Span[..count]);
            connection.Consume(count);
            left -= count;
        }

        if (submission is null)
        {
            await ReplyAsync(_submission is null ? SmtpReplies.MailFirst : SmtpReplies.RcptFirst, ct);
            return;
        }

        if (words.Length == 1)
        {
            await ReplyAsync($"250 2.0.0 Chunk received OK, {total} octets", ct);
            return;
        }

        string reply;
        var within = desk.Begin(submission);
        try
        {
            reply = within ? await desk.SubmitAsync(submission, spool, ct) : _replies.TooManySends;
        }
        finally
        {
            desk.End(submission);
        }

        await FinishAsync(reply, ct);
    }

    private async Task FinishAsync(string reply, CancellationToken ct)
    {
        Forget();
        if (reply.StartsWith("250", StringComparison.Ordinal) && cloud.Switches.TakeDropAfterDot())
            _closing = true;
        else
            await ReplyAsync(reply, ct);
    }

    private Task ResetAsync(CancellationToken ct)
    {
        Forget();
        return ReplyAsync(SmtpReplies.Reset, ct);
    }

    private Task QuitAsync(CancellationToken ct)
    {
        _closing = true;
        return ReplyAsync(SmtpReplies.Bye, ct);
    }

    private void Forget()
    {
        _submission?.Chunks?.Dispose();
        _submission = null;
    }

    private async Task ReplyAsync(string reply, CancellationToken ct)
    {
        if (cloud.Switches.SlowMilliseconds > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(cloud.Switches.SlowMilliseconds), cloud.Time, ct);
        if (reply == SmtpScripts.Drop)
        {
            _closing = true;
            return;
        }

        _closing |= reply.StartsWith("421", StringComparison.Ordinal);
        await connection.WriteAsync(reply, ct);
    }
}
