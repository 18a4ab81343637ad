using System.Net.Sockets;
using System.Text;

namespace DeviceMail.Tests.Kit;

/// <summary>A device that says no more than it must: no size, no extension. Replies are returned as they come.</summary>
public sealed class TcpDevice : IDisposable
{
    private readonly TcpClient _client;
    private readonly StreamReader _replies;

    public TcpDevice(int port)
    {
        _client = new TcpClient("127.0.0.1", port);
        _replies = new StreamReader(_client.GetStream(), Encoding.ASCII);
        Assert.StartsWith("220 ", _replies.ReadLine(), StringComparison.Ordinal);
        _client.GetStream().Write("EHLO device\r\n"u8);
        while (_replies.ReadLine() is ['2', '5', '0', '-', ..])
        {
            // What it offers is not looked at.
        }
    }

    /// <summary>Says one line and returns the reply.</summary>
    public async Task<string> SayAsync(string line)
    {
        await _client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), TestContext.Current.CancellationToken);
        return await _replies.ReadLineAsync(TestContext.Current.CancellationToken) ?? throw new EndOfStreamException("The gateway closed the connection.");
    }

    /// <summary>Hands in a message and returns the reply to its end.</summary>
    /// <param name="recipient">Who gets it.</param>
    /// <param name="message">Header and body; no line begins with a dot.</param>
    public async Task<string> HandInAsync(string recipient, string message)
    {
        Assert.StartsWith("250 ", await SayAsync($"MAIL FROM:<{MailDevice.Address}>"), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await SayAsync($"RCPT TO:<{recipient}>"), StringComparison.Ordinal);
        Assert.StartsWith("354 ", await SayAsync("DATA"), StringComparison.Ordinal);
        return await SayAsync(message + ".");
    }

    public void Dispose() => _client.Dispose();
}
