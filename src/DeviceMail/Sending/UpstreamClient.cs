using DeviceMail.Messages;
using MailKit.Net.Smtp;
using MimeKit;

namespace DeviceMail.Sending;

/// <summary>
/// MailKit's client, told to leave our octets alone and to tell which recipients were refused instead of stopping at the first.
/// </summary>
internal sealed class UpstreamClient : SmtpClient
{
    private readonly List<(string Address, SmtpReply Reply)> _refused = [];

    public IReadOnlyList<(string Address, SmtpReply Reply)> Refused => _refused;

    /// <summary>Whether the server answered MAIL of the message that is being sent; before that, a lost connection has lost nothing.</summary>
    public bool HasAnswered { get; private set; }

    public bool TakesUtf8 => Capabilities.HasFlag(SmtpCapabilities.UTF8);

    public bool TakesEightBit => Capabilities.HasFlag(SmtpCapabilities.EightBitMime);

    public long LargestMessage => Capabilities.HasFlag(SmtpCapabilities.Size) && MaxSize > 0 ? MaxSize : long.MaxValue;

    /// <summary>Until when the connection may be used: its token's end.</summary>
    public DateTimeOffset UsableUntil { get; set; } = DateTimeOffset.MaxValue;

    public DateTimeOffset LastUsed { get; set; }

    public async Task<string> SendAsync(StoredMessage message, MailAddress? sender, IEnumerable<MailAddress> recipients, CancellationToken cancel)
    {
        _refused.Clear();
        HasAnswered = false;
        return await base.SendAsync(FormatOptions.Default, message, Mailbox(sender), recipients.Select(Mailbox), cancel);
    }

    protected override void Prepare(FormatOptions options, MimeMessage message, EncodingConstraint constraint, int maxLineLength)
    {
    }

    protected override long GetSize(FormatOptions options, MimeMessage message, CancellationToken cancellationToken) => ((StoredMessage)message).Length;

    protected override void OnSenderNotAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response)
    {
        HasAnswered = true;
        base.OnSenderNotAccepted(message, mailbox, response);
    }

    protected override void OnRecipientAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response) => HasAnswered = true;

    protected override void OnRecipientNotAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response)
    {
        HasAnswered = true;
        _refused.Add((mailbox.Address, new SmtpReply((int)response.StatusCode, response.Response)));
    }

    protected override void OnNoRecipientsAccepted(MimeMessage message)
    {
    }

    private static MailboxAddress Mailbox(MailAddress? address) => new("", address?.ToString() ?? "");
}
