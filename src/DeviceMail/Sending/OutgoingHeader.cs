using System.Globalization;
using System.Text;
using DeviceMail.Accounts;
using DeviceMail.Messages;
using DeviceMail.Queue;
using DeviceMail.Settings;

namespace DeviceMail.Sending;

/// <summary>
/// The header a stored message leaves with: our Received field, the fields as they came, the sender's by the account's policy, and
/// Date and Message-ID where the device wrote none (RFC 6409 8.1 to 8.3). It depends on the job alone, so that a second attempt
/// sends the same octets.
/// </summary>
public static class OutgoingHeader
{
    private static readonly string[] _senderFields = ["From", "Sender", "Reply-To"];

    /// <param name="job">The job whose mail is sent.</param>
    /// <param name="account">The account that sends it.</param>
    /// <param name="header">The header as it was handed in, with its closing empty line.</param>
    /// <param name="gateway">The name and the mark of this gateway.</param>
    /// <returns>All fields, each ended by CRLF, without the closing empty line.</returns>
    public static byte[] Write(Job job, Account account, ReadOnlyMemory<byte> header, GatewayIdentity gateway)
    {
        var fields = HeaderFields.Split(header);
        using var outgoing = new MemoryStream(header.Length + 512);
        Put(outgoing, Received(job, gateway));
        var replaces = ReplacesSender(account, fields);
        foreach (var field in fields)
            if (!field.Is("Bcc") && !(replaces && _senderFields.Any(field.Is))) outgoing.Write(field.Raw.Span);
        if (outgoing.Length >= 2 && !EndsLine(outgoing)) Put(outgoing, "\r\n");
        if (replaces) PutSender(outgoing, account, fields);
        if (!fields.Any(field => field.Is("Date"))) Put(outgoing, $"Date: {job.ReceivedAt.ToString("r", CultureInfo.InvariantCulture).Replace("GMT", "+0000", StringComparison.Ordinal)}\r\n");
        if (!fields.Any(field => field.Is("Message-ID"))) Put(outgoing, $"Message-ID: <{job.ReceivedAt.ToUnixTimeMilliseconds()}.{job.Id}@{gateway.Name}>\r\n");
        return outgoing.ToArray();
    }

    /// <summary>The reverse path of the envelope: the account's own address, unless the policy or the list of allowed senders keeps the device's.</summary>
    public static MailAddress? EnvelopeSender(Job job, Account account) =>
        account.SenderPolicy == SenderPolicy.Keep || job.Sender is not null && IsOwn(account, job.Sender) ? job.Sender : account.Address;

    private static bool ReplacesSender(Account account, IReadOnlyList<HeaderField> fields) =>
        account.SenderPolicy == SenderPolicy.Replace && !(AddressIn(fields, "From") is { } from && IsOwn(account, from));

    private static bool IsOwn(Account account, MailAddress address) => address == account.Address || account.AllowedSenders.Contains(address);

    private static void PutSender(Stream outgoing, Account account, IReadOnlyList<HeaderField> fields)
    {
        Put(outgoing, $"From: {account.Address}\r\n");
        foreach (var name in (string[])["Reply-To", "From"])
        {
            var original = fields.FirstOrDefault(field => field.Is(name));
            if (original.Name is null) continue;
            var colon = original.Raw.Span.IndexOf((byte)':');
            Put(outgoing, "Reply-To:");
            outgoing.Write(original.Raw.Span[(colon + 1)..]);
            return;
        }
    }

    private static MailAddress? AddressIn(IReadOnlyList<HeaderField> fields, string name)
    {
        var field = fields.FirstOrDefault(one => one.Is(name));
        if (field.Name is null) return null;
        var value = field.Value;
        var open = value.LastIndexOf('<');
        var close = value.LastIndexOf('>');
        var text = open >= 0 && close > open ? value[(open + 1)..close] : value;
        return MailAddress.TryParse(text.Trim(), out var address) ? address : null;
    }

    private static string Received(Job job, GatewayIdentity gateway)
    {
        var from = job.Origin.ClientAddress.Length == 0 ? "" : $"from {Token(job.Origin.Greeting)} ([{job.Origin.ClientAddress}])\r\n ";
        return $"Received: {from}by {gateway.Name} {gateway.Mark} with {job.Origin.Protocol} id {job.Id};\r\n "
            + job.ReceivedAt.ToString("ddd, dd MMM yyyy HH:mm:ss", CultureInfo.InvariantCulture) + " +0000\r\n";
    }

    private static string Token(string greeting)
    {
        var clean = new string([.. greeting.Where(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '[' or ']' or ':').Take(255)]);
        return clean.Length == 0 ? "unknown" : clean;
    }

    private static bool EndsLine(MemoryStream outgoing)
    {
        var octets = outgoing.GetBuffer().AsSpan(0, (int)outgoing.Length);
        return octets[^1] == '\n';
    }

    private static void Put(Stream outgoing, string text) => outgoing.Write(Encoding.UTF8.GetBytes(text));
}

/// <param name="Name">The gateway's name, as in its greeting.</param>
/// <param name="Mark">What it knows its own Received fields by.</param>
public sealed record GatewayIdentity(string Name, string Mark);

/// <summary>The identity as the settings have it at this moment.</summary>
internal sealed class GatewayIdentitySource(SettingsStore settings, GatewayMark mark)
{
    public GatewayIdentity Current => new(settings.Current.GatewayName, mark.Text);
}
