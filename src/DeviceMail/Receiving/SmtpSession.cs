using System.Net;
using DeviceMail.Devices;
using DeviceMail.Messages;
using DeviceMail.Routing;
using DeviceMail.Settings;
using DeviceMail.Storage;

namespace DeviceMail.Receiving;

/// <summary>One dialogue with one device (RFC 5321), from the greeting to the end.</summary>
internal sealed partial class SmtpSession(SmtpWire wire, IPAddress peer, TlsMode tls, ReceivingParts parts, ILogger log)
{
    private const int SlowAfterErrors = 10;
    private const int CloseAfterErrors = 20;
    private const int CloseAfterIdleCommands = 100;
    private const int CloseAfterFailedSignIns = 3;
    private const int LongestGreeting = 255;

    private readonly Device? _byAddress = parts.Devices.ByAddress(peer);
    private readonly string _name = parts.Settings.Current.GatewayName;
    private readonly List<MailAddress> _recipients = [];
    private Device? _device = parts.Devices.ByAddress(peer);
    private DataTransfer? _data;
    private string? _greeting;
    private bool _isExtended;
    private bool _isSignedIn;
    private SmtpPath? _sender;
    private long _accountId;
    private long _sizeLimit;
    private int _errors;
    private int _idleCommands;
    private int _failedSignIns;
    private long _octetsBefore;
    private bool _isOver;
    private bool _bodyMayFollow;
    private volatile bool _isStopping;

    public long? WaitingSince => wire.WaitingSince;

    public TimeSpan Waited => wire.Waited;

    public bool IsInData => _data is not null;

    public long OctetsRead => _octetsBefore + (_data?.OctetsRead ?? 0);

    /// <summary>Cuts the connection without a word.</summary>
    public required Action Abort { get; init; }

    /// <summary>Ends the session with a word, whatever it waits for.</summary>
    public void Interrupt() => wire.Interrupt();

    /// <summary>The gateway stops: a message that is under way is still taken, nothing after it.</summary>
    public void Stop()
    {
        _isStopping = true;
        if (!IsInData) wire.Interrupt();
    }

    public async Task RunAsync(CancellationToken gone)
    {
        if (tls == TlsMode.Implicit) await wire.StartTlsAsync(parts.Tls.For(_byAddress), gone);
        if (parts.IsClaimed()) wire.Answer(SmtpAnswers.Greeting(_name));
        else wire.Answer(Last(SmtpAnswers.NotClaimed));
        while (!_isOver)
        {
            var line = _isStopping ? new WireLine(null, LineFault.Interrupted) : await wire.ReadLineAsync(SmtpWire.MaxLine);
            if (line.Fault == LineFault.TlsHello) LogTlsHello(peer);
            if (line.Fault is LineFault.Closed or LineFault.TlsHello) return;
            var reply = line.Fault switch
            {
                LineFault.None => await CommandAsync(line.Text!, gone),
                LineFault.TooLong => NoCommand(SmtpAnswers.LineTooLong),
                LineFault.NotText => NoCommand(SmtpAnswers.BadSyntax),
                _ => "",
            };
            if (reply is null) return;
            if (wire.IsInterrupted || line.Fault == LineFault.Interrupted) reply = Last(_isStopping ? SmtpAnswers.Stopping : SmtpAnswers.TooSlow);
            await AnswerAsync(reply);
        }
        await wire.CloseAsync();
    }

    private async Task AnswerAsync(string reply)
    {
        if (reply.Length == 0) return;
        if (reply.StartsWith('5')) _errors++;
        if (!_isOver && (_errors > CloseAfterErrors || _idleCommands > CloseAfterIdleCommands)) reply = Last($"{reply}\r\n{SmtpAnswers.TooManyErrors}");
        else if (_errors > SlowAfterErrors && reply.StartsWith('5')) await Task.Delay(TimeSpan.FromSeconds(1), parts.Time);
        wire.Answer(reply);
    }

    /// <returns>The reply; empty when it was given already; null when the connection is to be closed without one.</returns>
    private async Task<string?> CommandAsync(string line, CancellationToken gone)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        var (verb, rest) = space < 0 ? (line, "") : (line[..space], line[(space + 1)..]);
        switch (verb.TrimEnd().ToUpperInvariant())
        {
            case "EHLO": return Alone(Known(Hello(rest, isExtended: true)));
            case "HELO": return Alone(Known(Hello(rest, isExtended: false)));
            case "MAIL": return Known(await MailAsync(rest));
            case "RCPT": return Known(await RecipientAsync(rest));
            case "DATA": return WhyNoData(rest) is { } refusal ? WithoutBody(refusal) : Known(await DataAsync());
            case "STARTTLS": return Alone(Known(await StartTlsAsync(rest, gone)));
            case "AUTH": return Alone(Known(await SignInAsync(rest)));
            case "RSET":
                Reset();
                return Idle(SmtpAnswers.Ok);
            case "NOOP": return Idle(SmtpAnswers.Ok);
            case "VRFY": return Idle(SmtpAnswers.CannotVerify);
            case "QUIT": return Last(SmtpAnswers.Bye);
            case "BDAT": return WithoutBody(SmtpAnswers.NotImplemented);
            case "EXPN" or "HELP" or "TURN" or "ETRN" or "SEND": return Known(SmtpAnswers.NotImplemented);
            case "GET" or "POST" or "HEAD" or "PUT" or "OPTIONS" or "CONNECT" or "DELETE" or "PATCH" or "TRACE" or "PRI": return Last(SmtpAnswers.NotSmtp);
            default: return NoCommand(SmtpAnswers.UnknownCommand);
        }
    }

    private string Last(string reply)
    {
        _isOver = true;
        return reply;
    }

    private T Known<T>(T reply)
    {
        _bodyMayFollow = false;
        return reply;
    }

    private string Idle(string reply)
    {
        _idleCommands++;
        return Known(reply);
    }

    /// <summary>
    /// Nothing may follow EHLO, STARTTLS or AUTH before its reply (RFC 2920 3.1). When it is refused, what follows was meant for another state: an
    /// answer of a sign-in, the hello of TLS. It is not looked at.
    /// </summary>
    private string Alone(string reply) => reply.StartsWith('5') && !_isOver && wire.HasUnread ? Last(SmtpAnswers.NotPipelined) : reply;

    /// <summary>DATA or BDAT is refused. A peer that sends its message all the same must not have it taken for commands.</summary>
    private string WithoutBody(string refusal)
    {
        _bodyMayFollow = true;
        return Alone(refusal);
    }

    private string NoCommand(string refusal) => _bodyMayFollow ? Last(SmtpAnswers.NotPipelined) : refusal;

    private string Hello(string name, bool isExtended)
    {
        if (name.Trim().Length == 0) return SmtpAnswers.HelloNeedsName;
        Reset();
        _idleCommands++;
        name = name.Replace('\t', ' ').Trim();
        (_greeting, _isExtended) = (name.Length > LongestGreeting ? name[..LongestGreeting] : name, isExtended);
        if (!isExtended) return $"250 {_name}";
        List<string> offers = ["PIPELINING", $"SIZE {parts.SizeLimit(_device)}", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"];
        if (wire.Tls is null) offers.Add("STARTTLS");
        if (MaySignIn && !_isSignedIn) offers.Add(parts.Devices.UsesCramMd5 ? "AUTH PLAIN LOGIN CRAM-MD5" : "AUTH PLAIN LOGIN");
        return $"250-{_name}\r\n" + string.Concat(offers[..^1].Select(one => $"250-{one}\r\n")) + $"250 {offers[^1]}";
    }

    private bool MaySignIn => wire.Tls is not null || _byAddress?.Habits.HasFlag(Habits.NoTls) == true;

    private async Task<string> MailAsync(string rest)
    {
        if (_greeting is null) return SmtpAnswers.HelloFirst;
        if (_sender is not null) return SmtpAnswers.MailNotNow;
        if (IsMixed) return Last(SmtpAnswers.MixedLineEnds);
        if (!SmtpArguments.TryParse(rest, "FROM:", out var path, out var fault)) return fault;
        if (await RefusalOfDeviceAsync(path) is { } refusal) return refusal;
        _sizeLimit = parts.SizeLimit(_device);
        if (path.Size > _sizeLimit) return SmtpAnswers.TooLarge;
        if (!parts.HasRoom(Math.Max(path.Size, 0))) return SmtpAnswers.DiskFull;
        _sender = path;
        return SmtpAnswers.SenderOk;
    }

    private async Task<string?> RefusalOfDeviceAsync(SmtpPath path)
    {
        if (_device is null)
        {
            await parts.Devices.NoteUnknownAsync(peer, _greeting!, path.Address);
            return SmtpAnswers.NotAllowed(peer.ToString());
        }
        var missing = path.Sloppy & ~_device.Habits;
        // Its data would end in LF.LF, which ends nothing: it is told now, instead of waiting for an end that never comes.
        if (wire.LineEndsSeen == LineEndsSeen.Lf && !_device.Habits.HasFlag(Habits.LfLines)) missing |= Habits.LfLines;
        if (wire.Tls is null && !_isSignedIn && !_device.Habits.HasFlag(Habits.NoTls)) missing |= Habits.NoTls;
        if (!_isSignedIn && !_device.Habits.HasFlag(Habits.NoAuth)) missing |= Habits.NoAuth;
        if (!_isExtended && !_device.Habits.HasFlag(Habits.HeloOnly)) missing |= Habits.HeloOnly;
        return missing == Habits.None ? null : await NeedsHabitAsync(_device, missing);
    }

    private async ValueTask<string> NeedsHabitAsync(Device device, Habits missing)
    {
        var words = HabitWords.Of(missing);
        try
        {
            await parts.NoteRefusal(device, words);
        }
        catch (StorageFailedException)
        {
            // The device hears why in any case.
        }
        return SmtpAnswers.NeedsHabit(device.Name, words);
    }

    private async ValueTask<string> RecipientAsync(string rest)
    {
        if (_sender is null) return _device is null && _greeting is not null ? SmtpAnswers.NotAllowed(peer.ToString()) : SmtpAnswers.MailFirst;
        if (_recipients.Count >= parts.Settings.Current.Get(SettingsCatalogue.MaxRecipients)) return SmtpAnswers.TooManyRecipients;
        if (!SmtpArguments.TryParse(rest, "TO:", out var path, out var fault)) return fault;
        if ((path.Sloppy & ~_device!.Habits) is not Habits.None and var missing) return await NeedsHabitAsync(_device, missing);
        if (path.Address!.NeedsUtf8 && !_sender.Utf8) return SmtpAnswers.NeedsSmtpUtf8;
        switch (parts.Route(_device, _sender.Address))
        {
            case RouteOutcome.ByAccount { Account: var account }:
                _accountId = account.Id;
                _sizeLimit = Math.Min(_sizeLimit, account.LargestMail);
                break;
            case RouteOutcome.NoAccount { Sentence: var sentence }:
                return SmtpAnswers.NoAccount(sentence);
        }
        if (!_recipients.Contains(path.Address)) _recipients.Add(path.Address);
        return SmtpAnswers.RecipientOk;
    }

    /// <summary>Whether a device that may end its lines in LF ends only some of them so: where its data ends could not be told.</summary>
    private bool IsMixed => wire.LineEndsSeen == LineEndsSeen.Mixed && _device?.Habits.HasFlag(Habits.LfLines) == true;

    private string? WhyNoData(string rest) =>
        rest.Trim().Length > 0 ? SmtpAnswers.BadSyntax
        : _sender is null ? SmtpAnswers.MailFirst
        : _recipients.Count == 0 ? SmtpAnswers.RecipientFirst
        : IsMixed ? Last(SmtpAnswers.MixedLineEnds) : null;

    private async Task<string?> DataAsync()
    {
        var envelope = new Envelope
        {
            Sender = _sender!.Address,
            Recipients = [.. _recipients],
            AccountId = _accountId,
            Origin = new Origin
            {
                DeviceId = _device!.Id,
                ClientAddress = peer.ToString(),
                Greeting = _greeting!,
                Protocol = (_isExtended ? "ESMTP" : "SMTP") + (wire.Tls is null ? "" : "S") + (_isSignedIn ? "A" : ""),
            },
        };
        wire.Answer(SmtpAnswers.StartData);
        var decoder = new DataDecoder(wire.LineEndsSeen == LineEndsSeen.Lf && _device.Habits.HasFlag(Habits.LfLines) ? LineEnds.LfOnly : LineEnds.Strict);
        _data = new DataTransfer(wire, parts.Accept);
        var reply = await _data.RunAsync(envelope, decoder, _sizeLimit);
        _octetsBefore += _data.OctetsRead;
        _data = null;
        _idleCommands = 0;
        Reset();
        if (decoder.NulsRemoved > 0) LogNuls(peer, decoder.NulsRemoved);
        return decoder.IsMixed && reply is not null ? Last(reply) : reply;
    }

    private async Task<string> StartTlsAsync(string rest, CancellationToken gone)
    {
        if (rest.Trim().Length > 0) return SmtpAnswers.BadSyntax;
        if (wire.Tls is not null) return SmtpAnswers.TlsNotNow;
        // CVE-2011-0411: what came in the clear behind STARTTLS must never be taken for commands inside TLS.
        if (wire.HasUnread) return Last(SmtpAnswers.TlsInjection);
        await wire.SendAsync(SmtpAnswers.ReadyForTls);
        await wire.StartTlsAsync(parts.Tls.For(_byAddress), gone);
        Reset();
        (_greeting, _isSignedIn, _device) = (null, false, _byAddress);
        return "";
    }

    private async Task<string> SignInAsync(string rest)
    {
        if (_greeting is null || !_isExtended) return SmtpAnswers.HelloFirst;
        if (_isSignedIn || _sender is not null) return SmtpAnswers.SignInNotNow;
        if (!MaySignIn) return SmtpAnswers.SignInNeedsTls;
        var dialog = new SignInDialog(wire, parts.Devices, parts.Time, _name);
        var (device, refusal) = await dialog.RunAsync(rest);
        if (device is null)
        {
            if (refusal != SmtpAnswers.SignInRefused) return refusal!;
            LogSignInRefused(peer, ++_failedSignIns);
            var (wait, other) = (parts.Limits.AfterFailure(peer.ToString()), parts.Limits.AfterFailure($"user {dialog.Tried}"));
            // Counted from when looking began, so that the answer comes at the same moment for a user who exists and one who does not.
            var left = (wait > other ? wait : other) - parts.Time.GetElapsedTime(dialog.CheckedAt);
            if (left > TimeSpan.Zero) await Task.Delay(left, parts.Time);
            return _failedSignIns >= CloseAfterFailedSignIns ? Last($"{refusal}\r\n{SmtpAnswers.TooManySignIns}") : refusal;
        }
        (_device, _isSignedIn) = (device, true);
        return SmtpAnswers.SignedIn;
    }

    private void Reset()
    {
        _sender = null;
        _recipients.Clear();
    }

    [LoggerMessage(LogLevel.Information, "{Peer}: a sign-in was refused, the {Count}. of this connection")]
    private partial void LogSignInRefused(IPAddress peer, int count);

    [LoggerMessage(LogLevel.Information, "{Peer} begins with TLS on a port that begins in the clear. Set the device to STARTTLS, or to the port for SMTP over TLS")]
    private partial void LogTlsHello(IPAddress peer);

    [LoggerMessage(LogLevel.Information, "{Peer}: {Count} NUL octets were taken out of a message's body")]
    private partial void LogNuls(IPAddress peer, long count);
}
