using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace DeviceMail.Tests.Kit;

/// <summary>A device as tests need it: hands in messages by plain SMTP.</summary>
public static class MailDevice
{
    public const string Address = "printer@contoso.example";

    /// <summary>Hands in one message and returns the reply to its end.</summary>
    public static async Task<string> HandInAsync(int port, string subject, params string[] recipients)
    {
        using var client = await ConnectAsync(port);
        return await HandInAsync(client, Message(subject, "a scan\r\n"), recipients);
    }

    public static async Task<SmtpClient> ConnectAsync(int port)
    {
        var client = new SmtpClient();
        await client.ConnectAsync("127.0.0.1", port, SecureSocketOptions.None, TestContext.Current.CancellationToken);
        return client;
    }

    public static Task<string> HandInAsync(SmtpClient client, MimeMessage message, params string[] recipients) =>
        client.SendAsync(message, MailboxAddress.Parse(Address), recipients.Select(MailboxAddress.Parse), TestContext.Current.CancellationToken);

    /// <summary>A message that is addressed in its header to nobody of its envelope.</summary>
    public static MimeMessage Message(string subject, string text)
    {
        var message = new MimeMessage();
        message.From.Add(MailboxAddress.Parse(Address));
        message.To.Add(MailboxAddress.Parse("header-only@contoso.example"));
        message.Subject = subject;
        message.Body = new TextPart("plain") { Text = text };
        return message;
    }
}
