using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using DeviceMail.Sending;
using MailKit;
using MailKit.Net.Smtp;

namespace DeviceMail.EmailServer;

/// <summary>MailKit's client, watched: when the server greeted and with which words, and which certificate it showed.</summary>
internal sealed class ConnectionTestClient : SmtpClient
{
    private readonly FirstReply _first;

    private ConnectionTestClient(FirstReply first) : base(first) => _first = first;

    /// <summary>The server's first line; null: it has said nothing.</summary>
    public string? Greeting => _first.Line;

    /// <summary>When that came, as <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long GreetedAt => _first.At;

    /// <summary>What the server showed; null: no handshake came that far.</summary>
    public ShownCertificate? Certificate { get; private set; }

    public static ConnectionTestClient Create(TimeProvider time) => new(new FirstReply(time));

    /// <summary>Judges the server's certificate as the account wants it, and remembers it.</summary>
    public void Judge(RemoteCertificateValidationCallback judge) => ServerCertificateValidationCallback = (sender, certificate, chain, errors) =>
    {
        var accepted = judge(sender, certificate, chain, errors);
        if (certificate is not null) Certificate = new ShownCertificate(new X509Certificate2(certificate), errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch), accepted);
        return accepted;
    };

    public async Task<SmtpReply> CommandAsync(string command, CancellationToken cancel)
    {
        var response = await SendCommandAsync(command, cancel);
        return new SmtpReply((int)response.StatusCode, response.Response);
    }

    /// <summary>Keeps the first line that the server says, and nothing of what is said to it: that holds secrets.</summary>
    private sealed class FirstReply(TimeProvider time) : IProtocolLogger
    {
        public string? Line { get; private set; }

        public long At { get; private set; }

        public IAuthenticationSecretDetector? AuthenticationSecretDetector { get; set; }

        public void LogConnect(Uri uri)
        {
        }

        public void LogClient(byte[] buffer, int offset, int count)
        {
        }

        public void LogServer(byte[] buffer, int offset, int count)
        {
            if (Line is not null) return;
            (Line, At) = (Encoding.UTF8.GetString(buffer, offset, count).Split('\n', 2)[0].TrimEnd('\r'), time.GetTimestamp());
        }

        public void Dispose()
        {
        }
    }
}

/// <summary>A server's certificate, and what was found about it.</summary>
internal sealed record ShownCertificate(X509Certificate2 Certificate, bool HasOtherName, bool IsAccepted)
{
    /// <summary>The names it is good for.</summary>
    public IReadOnlyList<string> Names => Certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault() is { } names
        ? [.. names.EnumerateDnsNames(), .. names.EnumerateIPAddresses().Select(address => address.ToString())]
        : [Certificate.GetNameInfo(X509NameType.DnsName, forIssuer: false)];
}
