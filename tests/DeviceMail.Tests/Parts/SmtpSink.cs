using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Parts;

/// <summary>A mail as Postfix' smtp-sink kept it.</summary>
/// <param name="Sender">The argument of MAIL FROM, with its parameters: <c>&lt;a@example.test&gt; SIZE=100</c>.</param>
/// <param name="Recipients">The arguments of RCPT TO.</param>
/// <param name="Content">Header and body after the sink's own Received field; line ends are LF.</param>
public sealed record SinkMail(string Sender, IReadOnlyList<string> Recipients, string Content)
{
    /// <summary>Octets are kept one to one as characters.</summary>
    internal static SinkMail Read(string file)
    {
        var text = Encoding.Latin1.GetString(File.ReadAllBytes(file));
        var sender = "";
        var recipients = new List<string>();
        var at = 0;
        while (text[at] == 'X')
        {
            var end = text.IndexOf('\n', at);
            var line = text[at..end];
            if (line.StartsWith("X-Mail-Args: ", StringComparison.Ordinal)) sender = line["X-Mail-Args: ".Length..];
            if (line.StartsWith("X-Rcpt-Args: ", StringComparison.Ordinal)) recipients.Add(line["X-Rcpt-Args: ".Length..]);
            at = end + 1;
        }
        do at = text.IndexOf('\n', at) + 1;
        while (text[at] == '\t');
        return new SinkMail(sender, recipients, text[at..]);
    }
}

/// <summary>Postfix' smtp-sink: takes every mail, or refuses as its options say (tests/parts/smtp-sink/sink).</summary>
public sealed partial class SmtpSink : IAsyncDisposable
{
    private readonly Part _part;
    private readonly Folder _folder;

    private SmtpSink(Part part, Folder folder, int port) => (_part, _folder, Port) = (part, folder, port);

    public string Host => "127.0.0.1";

    public int Port { get; }

    /// <summary>Mails that it has answered with 250.</summary>
    public int Count => Counter().Matches(_part.Said) is [.., var last] ? int.Parse(last.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    /// <summary>The mails so far, in no order.</summary>
    public IReadOnlyList<SinkMail> Mails => [.. Directory.GetFiles(_folder.In("mails")).Select(SinkMail.Read)];

    public static async Task<SmtpSink> StartAsync(params string[] options)
    {
        var folder = new Folder();
        var port = FreePort.Next();
        try
        {
            var call = new ToolCall(Part.Script("smtp-sink/sink"), [folder.In("mails"), port.ToString(CultureInfo.InvariantCulture), .. options]);
            return new SmtpSink(await Part.StartAsync($"127.0.0.1:{port}", call), folder, port);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Waits until so many mails have come.</summary>
    /// <exception cref="TimeoutException">They did not come within 30 seconds.</exception>
    public async Task<IReadOnlyList<SinkMail>> WaitForAsync(int count)
    {
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (Count >= count) enough.TrySetResult();
        }
        _part.Speaks += Look;
        try
        {
            Look();
            await enough.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }
        finally
        {
            _part.Speaks -= Look;
        }
        return Mails;
    }

    public async ValueTask DisposeAsync()
    {
        await _part.DisposeAsync();
        _folder.Dispose();
    }

    [GeneratedRegex(@"mesg=(\d+)[\r\n]")]
    private static partial Regex Counter();
}
