using System.Net;
using DeviceMail.Devices;
using DeviceMail.Messages;
using DeviceMail.Routing;
using DeviceMail.Settings;
using DeviceMail.Storage;

namespace DeviceMail.Receiving;

/// <summary>One dialogue with one device (RFC 5321), from the greeting to the end.</summary>
internal sealed class SmtpSession(SmtpWire wire, IPAddress peer, TlsMode tls, ReceivingParts parts)
{
    private const int SlowAfterErrors = 10;
    private const int CloseAfterErrors = 20;
    private const int CloseAfterIdleCommands = 100;
    private const int CloseAfterFailedSignIns = 3;

    private readonly Device? _byAddress = parts.Devices.ByAddress(peer);
    private readonly string _name = parts.Settings.Current.GatewayName;
    private readonly List<MailAddress> _recipients = [];
    private Device? _device = parts.Devices.ByAddress(peer);
    private DataTransfer? _data;
    private string? _greeting;
    private bool _isExtended;
    private bool _isSignedIn;
    private bool _lfOnly = true;
    private SmtpPath? _sender;
    private long _accountId;
    private long _sizeLimit;
    private int _errors;
    private int _idleCommands;
    private int _failedSignIns;
    private long _octetsBefore;

    public long? WaitingSince => wire.WaitingSince;

    public bool IsInData => _data is not null;

    public long OctetsRead => _octetsBefore + (_data?.OctetsRead ?? 0);

    public void Interrupt() => wire.Interrupt();

    public async Task RunAsync(CancellationToken stopping)
    {
        if (tls == TlsMode.Implicit) await wire.StartTlsAsync(parts.Tls.For(_byAddress), stopping);
        if (!parts.IsClaimed())
        {
            await wire.SendAsync(SmtpAnswers.NotClaimed);
            return;
        }
        wire.Answer(SmtpAnswers.Greeting(_name));
        while (true)
        {
            var line = await wire.ReadLineAsync(SmtpWire.MaxLine, parts.Time);
            if (line.Fault == LineFault.Closed) break;
            if (stopping.IsCancellationRequested)
            {
                await wire.SendAsync(SmtpAnswers.Stopping);
                return;
            }
            _lfOnly &= line.EndsInLfOnly;
            var reply = line.Fault switch
            {
                LineFault.TooLong => SmtpAnswers.LineTooLong,
                LineFault.NotText => SmtpAnswers.BadSyntax,
                _ => await CommandAsync(line.Text!, stopping),
            };
            if (reply is null) return;
            if (!await AnswerAsync(reply)) return;
        }
        await wire.SendAsync(SmtpAnswers.TooSlow);
    }

    /// <returns>False when the session is over.</returns>
    private async Task<bool> AnswerAsync(string reply)
    {
        if (reply.Length == 0) return true;
        if (reply.StartsWith('5')) _errors++;
        if (_errors > CloseAfterErrors || _idleCommands > CloseAfterIdleCommands)
        {
            await wire.SendAsync($"{reply}\r\n{SmtpAnswers.TooManyErrors}");
            return false;
        }
        if (_errors > SlowAfterErrors && reply.StartsWith('5')) await Task.Delay(TimeSpan.FromSeconds(1), parts.Time);
        wire.Answer(reply);
        if (!reply.StartsWith("221 ", StringComparison.Ordinal) && !reply.Contains("421 ", StringComparison.Ordinal)
            && reply != SmtpAnswers.NotSmtp && reply != SmtpAnswers.MixedLineEnds && reply != SmtpAnswers.TlsInjection) return true;
        await wire.Output.FlushAsync();
        return false;
    }

    /// <returns>The reply; empty when it was given already; null when the connection is to be closed without one.</returns>
    private async Task<string?> CommandAsync(string line, CancellationToken stopping)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        var (verb, rest) = space < 0 ? (line, "") : (line[..space], line[(space + 1)..]);
        switch (verb.TrimEnd().ToUpperInvariant())
        {
            case "EHLO": return Hello(rest, isExtended: true);
            case "HELO": return Hello(rest, isExtended: false);
            case "MAIL": return await MailAsync(rest);
            case "RCPT": return Recipient(rest);
            case "DATA": return await DataAsync(rest);
            case "STARTTLS": return await StartTlsAsync(rest, stopping);
            case "AUTH": return await SignInAsync(rest);
            case "RSET":
                _idleCommands++;
                Reset();
                return SmtpAnswers.Ok;
            case "NOOP":
                _idleCommands++;
                return SmtpAnswers.Ok;
            case "VRFY":
                _idleCommands++;
                return SmtpAnswers.CannotVerify;
            case "QUIT": return SmtpAnswers.Bye;
            case "EXPN" or "HELP" or "TURN" or "ETRN" or "BDAT" or "SEND": return SmtpAnswers.NotImplemented;
            case "GET" or "POST" or "HEAD" or "PUT" or "OPTIONS" or "CONNECT": return SmtpAnswers.NotSmtp;
            default: return SmtpAnswers.UnknownCommand;
        }
    }

    private string Hello(string name, bool isExtended)
    {
        if (name.Trim().Length == 0) return SmtpAnswers.HelloNeedsName;
        Reset();
        (_greeting, _isExtended) = (name.Trim(), isExtended);
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
        if (wire.Tls is null && !_isSignedIn && !_device.Habits.HasFlag(Habits.NoTls)) missing |= Habits.NoTls;
        if (!_isSignedIn && !_device.Habits.HasFlag(Habits.NoAuth)) missing |= Habits.NoAuth;
        if (!_isExtended && !_device.Habits.HasFlag(Habits.HeloOnly)) missing |= Habits.HeloOnly;
        return missing == Habits.None ? null : SmtpAnswers.NeedsHabit(_device.Name, HabitWords.Of(missing));
    }

    private string Recipient(string rest)
    {
        if (_sender is null) return _device is null && _greeting is not null ? SmtpAnswers.NotAllowed(peer.ToString()) : SmtpAnswers.MailFirst;
        if (_recipients.Count >= parts.Settings.Current.Get(SettingsCatalogue.MaxRecipients)) return SmtpAnswers.TooManyRecipients;
        if (!SmtpArguments.TryParse(rest, "TO:", out var path, out var fault)) return fault;
        if (path.Sloppy != Habits.None && (path.Sloppy & ~_device!.Habits) is not Habits.None and var missing)
            return SmtpAnswers.NeedsHabit(_device.Name, HabitWords.Of(missing));
        if (path.Address!.NeedsUtf8 && !_sender.Utf8) return SmtpAnswers.NeedsSmtpUtf8;
        switch (parts.Route(_device, _sender.Address))
        {
            case RouteOutcome.ByAccount { Account: var account }:
                _accountId = account.Id;
                _sizeLimit = Math.Min(_sizeLimit, account.SizeLimit);
                break;
            case RouteOutcome.NoAccount { Sentence: var sentence }:
                return SmtpAnswers.NoAccount(sentence);
        }
        if (!_recipients.Contains(path.Address)) _recipients.Add(path.Address);
        return SmtpAnswers.RecipientOk;
    }

    private async Task<string?> DataAsync(string rest)
    {
        if (rest.Length > 0) return SmtpAnswers.BadSyntax;
        if (_sender is null) return SmtpAnswers.MailFirst;
        if (_recipients.Count == 0) return SmtpAnswers.RecipientFirst;
        var envelope = new Envelope
        {
            Sender = _sender.Address,
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
        var ends = _lfOnly && _device.Habits.HasFlag(Habits.LfLines) ? LineEnds.LfOnly : LineEnds.Strict;
        _data = new DataTransfer(wire, parts.Accept, parts.Time);
        var reply = await _data.RunAsync(envelope, new DataDecoder(ends), _sizeLimit);
        _octetsBefore += _data.OctetsRead;
        _data = null;
        _idleCommands = 0;
        Reset();
        return reply;
    }

    private async Task<string?> StartTlsAsync(string rest, CancellationToken stopping)
    {
        if (rest.Trim().Length > 0) return SmtpAnswers.BadSyntax;
        if (wire.Tls is not null) return SmtpAnswers.TlsNotNow;
        // CVE-2011-0411: what came in the clear behind STARTTLS must never be taken for commands inside TLS.
        if (wire.HasUnread) return SmtpAnswers.TlsInjection;
        await wire.SendAsync(SmtpAnswers.ReadyForTls);
        await wire.StartTlsAsync(parts.Tls.For(_byAddress), stopping);
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
            var (wait, other) = (parts.Limits.AfterFailure(peer.ToString()), parts.Limits.AfterFailure($"user {dialog.Tried}"));
            await Task.Delay(wait > other ? wait : other, parts.Time);
            return ++_failedSignIns >= CloseAfterFailedSignIns ? $"{refusal}\r\n{SmtpAnswers.TooManySignIns}" : refusal;
        }
        (_device, _isSignedIn) = (device, true);
        return SmtpAnswers.SignedIn;
    }

    private void Reset()
    {
        _sender = null;
        _recipients.Clear();
    }
}
