using System.Net.Sockets;
using DeviceMail.Accounts;
using DeviceMail.Messages;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace DeviceMail.Sending;

/// <summary>
/// MailKit's client, told to leave our octets alone and to tell which recipients were refused instead of stopping at the first.
/// </summary>
internal sealed class UpstreamClient : SmtpClient
{
    private static readonly FormatOptions _international = International();

    private readonly List<(string Address, SmtpReply Reply)> _refused = [];
    private bool _isSenderRefused;
    private Stream? _way;

    public IReadOnlyList<(string Address, SmtpReply Reply)> Refused => _refused;

    /// <summary>Whether the server answered MAIL of the message that is being sent; before that, a lost connection has lost nothing.</summary>
    public bool HasAnswered { get; private set; }

    /// <summary>What it announced. SMTPUTF8 means nothing without 8BITMIME (RFC 6531 3.1).</summary>
    public ServerAbilities Abilities
    {
        get
        {
            var takesEightBit = Capabilities.HasFlag(SmtpCapabilities.EightBitMime);
            return new ServerAbilities(Capabilities.HasFlag(SmtpCapabilities.UTF8) && takesEightBit, takesEightBit,
                Capabilities.HasFlag(SmtpCapabilities.Size) && MaxSize > 0 ? MaxSize : long.MaxValue);
        }
    }

    /// <summary>Until when the connection may be used: its token's end.</summary>
    public DateTimeOffset UsableUntil { get; set; } = DateTimeOffset.MaxValue;

    /// <summary>When it last came back to its pool; never, for a fresh one.</summary>
    public DateTimeOffset LastUsed { get; set; }

    public bool IsReused => LastUsed != default;

    /// <summary>Whether small packets leave at once (TCP_NODELAY), also through TLS.</summary>
    public bool SendsAtOnce => _way is NetworkStream { Socket.NoDelay: true };

    /// <summary>Greets the server at the end of a connection that stands; MailKit's own would leave Nagle's algorithm on.</summary>
    public async Task OpenAsync(Stream way, Account account, SecureSocketOptions security, CancellationToken cancel)
    {
        _way = way;
        try
        {
            await ConnectAsync(way, account.Host, account.Port, security, cancel);
        }
        catch
        {
            await way.DisposeAsync();
            throw;
        }
    }

    /// <summary>Says one command, and reads its reply; the doctor asks in this way without handing over a mail.</summary>
    public async Task<SmtpReply> CommandAsync(string command, CancellationToken cancel)
    {
        var response = await SendCommandAsync(command, cancel);
        return new SmtpReply((int)response.StatusCode, response.Response);
    }

    public async Task<string> SendAsync(StoredMessage message, MailAddress? sender, IEnumerable<MailAddress> recipients, CancellationToken cancel)
    {
        _refused.Clear();
        (_isSenderRefused, HasAnswered) = (false, false);
        return await base.SendAsync(message.AsksUtf8 && Abilities.TakesUtf8 ? _international : FormatOptions.Default, message, Mailbox(sender), recipients.Select(Mailbox), cancel);
    }

    protected override void Prepare(FormatOptions options, MimeMessage message, EncodingConstraint constraint, int maxLineLength)
    {
    }

    protected override long GetSize(FormatOptions options, MimeMessage message, CancellationToken cancellationToken) => ((StoredMessage)message).Length;

    protected override void OnSenderAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response) => HasAnswered = true;

    protected override void OnSenderNotAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response)
    {
        _isSenderRefused = HasAnswered = true;
        base.OnSenderNotAccepted(message, mailbox, response);
    }

    protected override void OnRecipientAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response) => HasAnswered = true;

    protected override void OnRecipientNotAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response)
    {
        HasAnswered = true;
        // RCPT was pipelined behind a MAIL that was refused: "503 need MAIL first" is no word about this recipient.
        if (!_isSenderRefused) _refused.Add((mailbox.Address, new SmtpReply((int)response.StatusCode, response.Response)));
    }

    private static FormatOptions International()
    {
        var options = FormatOptions.Default.Clone();
        options.International = true;
        return options;
    }

    /// <summary>The address in the form in which the envelope and <see cref="Refused"/> have it: an IDN domain may be written otherwise.</summary>
    public static MailboxAddress Mailbox(MailAddress? address) => new("", address?.ToString() ?? "");
}
