using System.IO.Pipelines;
using System.Text;
using DeviceMail.Messages;
using DeviceMail.Queue;
using DeviceMail.Settings;
using DeviceMail.Storage;
using DeviceMail.Web;
using MimeKit;

namespace DeviceMail.Notices;

/// <summary>What a notice says.</summary>
/// <param name="Subject">With its "(+)" or "(-)".</param>
/// <param name="Lines">Plain text, one paragraph a line.</param>
/// <param name="Page">The page of Web Config where it goes on, without the slash in front.</param>
internal sealed record NoticeText(string Subject, IReadOnlyList<string> Lines, string Page)
{
    /// <summary>Whether it answers somebody's mail, or comes by itself (RFC 3834 5).</summary>
    public string AutoSubmitted { get; init; } = "auto-generated";
}

/// <summary>Writes notices and hands them to the queue, which promises them as it does any mail.</summary>
internal sealed class NoticePost(MailQueue queue, SettingsStore settings, GatewayMark mark, IServiceProvider services, TimeProvider time)
{
    /// <returns>The number of the job that carries it.</returns>
    /// <exception cref="StorageFailedException">The disk does not keep it.</exception>
    public async Task<long> SendAsync(NoticeRoute route, MailAddress to, NoticeText text)
    {
        var gateway = settings.Current.GatewayName;
        var foot = $"{gateway} tells this by DeviceMail{(route.IsSecond ? ", by the second route" : "")}. {(WebAddress.Of(services) is { } web ? $"Web Config: {web}{text.Page}" : "")}".TrimEnd();
        using var message = new MimeMessage();
        message.From.Add(new MailboxAddress("DeviceMail", route.Account.Address.ToString()));
        message.To.Add(new MailboxAddress("", to.ToString()));
        message.Subject = OneLine(text.Subject);
        message.Date = time.GetUtcNow();
        message.MessageId = $"{Guid.NewGuid():N}@{gateway}";
        message.Headers.Add("Auto-Submitted", text.AutoSubmitted);
        // Who answers notices by themselves at Exchange is asked not to (MS-OXCMAIL 2.2.3.2.14).
        message.Headers.Add("X-Auto-Response-Suppress", "All");
        message.Headers.Add(AutomaticMail.LoopField, mark.Text);
        var body = new TextPart("plain") { ContentTransferEncoding = ContentEncoding.QuotedPrintable };
        body.SetText(Encoding.UTF8, string.Join("\r\n\r\n", text.Lines.Select(OneLine).Append(foot)) + "\r\n");
        message.Body = body;
        using var octets = new MemoryStream();
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        await message.WriteToAsync(format, octets);
        octets.Position = 0;
        return await KeepAsync(route, to, octets);
    }

    /// <summary>Takes a notice out of the account that holds it and sends it by another.</summary>
    /// <returns>The number of the new job; null when it is being sent or finished.</returns>
    public async Task<long?> MoveAsync(Job held, NoticeRoute route)
    {
        using var octets = new MemoryStream();
        await using (var body = queue.OpenBody(held)) await body.CopyToAsync(octets);
        if (!await queue.CancelAsync(held.Id)) return null;
        octets.Position = 0;
        return await KeepAsync(route, held.Recipients[0].Address, octets);
    }

    private async Task<long> KeepAsync(NoticeRoute route, MailAddress to, Stream octets)
    {
        var envelope = new Envelope { Sender = route.Account.Address, Recipients = [to], AccountId = route.Account.Id, Origin = new Origin() };
        return await queue.Accept(envelope, PipeReader.Create(octets), CancellationToken.None) is AcceptOutcome.Accepted accepted
            ? accepted.JobId
            : throw new InvalidOperationException("The gateway refuses a notice of its own.");
    }

    /// <summary>What came from outside cannot add a header field or steer who reads it.</summary>
    private static string OneLine(string text) => new([.. text.Select(c => char.IsControl(c) ? ' ' : c).Take(1_000)]);
}
