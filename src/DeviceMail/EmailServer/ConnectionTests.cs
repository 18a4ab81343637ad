using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using DeviceMail.Accounts;

namespace DeviceMail.EmailServer;

/// <summary>The connection tests of this process: the last few, for the pages that show them.</summary>
public sealed class ConnectionTests
{
    private const int Most = 20;

    private readonly ConcurrentDictionary<string, ConnectionTestRun> _runs = new();
    private readonly ConcurrentQueue<string> _order = new();
    private readonly ConnectionTest _test;

    internal ConnectionTests(ConnectionTest test) => _test = test;

    public ConnectionTestRun? Find(string id) => _runs.GetValueOrDefault(id);

    /// <summary>Begins a test; it goes on by itself and ends within its time limit.</summary>
    /// <returns>The run, and the task that ends with it.</returns>
    public (ConnectionTestRun Run, Task Done) Start(ConnectionTestSubject subject)
    {
        var run = new ConnectionTestRun(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12)), subject, Plan(subject));
        _runs[run.Id] = run;
        _order.Enqueue(run.Id);
        while (_order.Count > Most && _order.TryDequeue(out var oldest)) _runs.TryRemove(oldest, out _);
        return (run, Task.Run(() => _test.RunAsync(run)));
    }

    private static List<ConnectionTestStep> Plan(ConnectionTestSubject subject)
    {
        var account = subject.Account;
        var (greeting, encryption) = (("greeting", "The server greets"), ("encryption", "The connection is encrypted"));
        (string, string)[] mail = subject.MailTo is { } to ? [("mail", $"The test mail to {to} is handed over")] : [];
        (string Key, string Sentence)[] steps = account.Transports is [Transport.Graph] ? [("graph", "Microsoft Graph answers"), ("token", "The application may send"), .. mail] :
        [
            ("name", $"{account.Host} has an address"), ("connect", $"Connected to port {account.Port}"),
            .. account.Security == ConnectionSecurity.SslTls ? ((string, string)[])[encryption, greeting] : [greeting, encryption],
            .. account.Method == AuthenticationMethod.OAuth2 ? ((string, string)[])[("token", "The sign-in is good")] : [],
            ("sign-in", $"The server accepts the account {account.SmtpUserName}"), ("sender", $"The server accepts the sender {account.Address}"),
            .. mail,
            ("goodbye", "Say goodbye"),
            .. account.Transports.Contains(Transport.Graph) ? ((string, string)[])[("graph", "Microsoft Graph takes the account's mail where SMTP is refused")] : [],
        ];
        return [.. steps.Select(step => new ConnectionTestStep(step.Key, "off", $"{step.Sentence}: not reached"))];
    }
}
