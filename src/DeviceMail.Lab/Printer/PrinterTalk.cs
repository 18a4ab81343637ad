using System.Globalization;
using System.Text;

namespace DeviceMail.Lab.Printer;

/// <summary>The printer's end of an SMTP connection; it writes down what is said.</summary>
public sealed class PrinterTalk(Stream stream, List<string> dialogue) : IDisposable
{
    private readonly StreamReader _replies = new(stream, Encoding.UTF8, false, 4096, true);

    /// <summary>A whole reply, its lines joined; what it says counts by its last line.</summary>
    public async Task<string> ReadAsync(CancellationToken ct)
    {
        while (true)
        {
            var line = await _replies.ReadLineAsync(ct) ?? throw new EndOfStreamException("The gateway closed the connection.");
            dialogue.Add($"S: {line}");
            if (line.Length < 4 || line[3] != '-')
                return line;
        }
    }

    /// <summary>A secret is sent as it is and written down as <paramref name="shown"/>.</summary>
    public async Task<string> SayAsync(string line, string? shown, CancellationToken ct)
    {
        dialogue.Add($"C: {shown ?? line}");
        await stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n"), ct);
        return await ReadAsync(ct);
    }

    public void Dispose() => _replies.Dispose();

    /// <summary>The message, which has no line that starts with a dot, and the final dot.</summary>
    public async Task<string> SendAsync(string message, CancellationToken ct)
    {
        dialogue.Add(string.Create(CultureInfo.InvariantCulture, $"C: (message of {message.Length:N0} bytes)"));
        dialogue.Add("C: .");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(message + ".\r\n"), ct);
        return await ReadAsync(ct);
    }
}
