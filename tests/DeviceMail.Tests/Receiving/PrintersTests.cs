using DeviceMail.Devices;
using DeviceMail.Tests.Kit;
using DeviceMail.Tests.Parts;
using Microsoft.Extensions.DependencyInjection;

namespace DeviceMail.Tests.Receiving;

/// <summary>Mail programs that nobody here wrote hand in a mail each, and it arrives in the mailbox behind the gateway.</summary>
public sealed class PrintersTests(PrintersTests.Office office) : IClassFixture<PrintersTests.Office>
{
    private const string User = "office", Password = "right password";

    [Theory]
    [InlineData("--auth", "none")]
    [InlineData("--tls", "PLAIN")]
    [InlineData("--tls", "LOGIN")]
    [InlineData("--tls", "CRAM-MD5")]
    [InlineData("--tlsc", "PLAIN")]
    public async Task Swaks(string tls, string mechanism)
    {
        var to = $"swaks-{tls.Trim('-')}-{mechanism.ToLowerInvariant()}@contoso.example";
        string[] signIn = mechanism == "none" ? [] : [tls, "--auth", mechanism, "--auth-user", User, "--auth-password", Password];
        await HandsInAsync(to, "swaks", ["--server", office.Server(tls == "--tlsc"), "--from", "printer@contoso.example", "--to", to, "--header", $"Subject: {to}", "--body", "-", .. signIn],
            "A page of swaks\n");
    }

    [Theory]
    [InlineData("clear")]
    [InlineData("starttls")]
    [InlineData("tls")]
    public async Task Msmtp(string way)
    {
        var to = $"msmtp-{way}@contoso.example";
        using var folder = new Folder();
        var settings = $"account default\nhost 127.0.0.1\nport {office.Port(way == "tls")}\nfrom printer@contoso.example\n" + (way == "clear" ? "tls off\nauth off\n"
            : $"tls on\ntls_starttls {(way == "tls" ? "off" : "on")}\ntls_trust_file {office.CertificateFile}\nauth on\nuser {User}\npassword \"{Password}\"\n");
        DeviceMail.Storage.DurableFile.Replace(folder.In("settings"), System.Text.Encoding.ASCII.GetBytes(settings)); // 0600, which msmtp insists on
        await HandsInAsync(to, "msmtp", ["--file", folder.In("settings"), to], $"Subject: {to}\n\nA page of msmtp\n");
    }

    [Theory]
    [InlineData("clear")]
    [InlineData("starttls")]
    [InlineData("tls")]
    public async Task Curl(string way)
    {
        var to = $"curl-{way}@contoso.example";
        string[] secure = way == "clear" ? [] : ["--ssl-reqd", "--cacert", office.CertificateFile, "--user", $"{User}:{Password}"];
        await HandsInAsync(to, "curl", ["--silent", "--show-error", $"{(way == "tls" ? "smtps" : "smtp")}://{office.Server(way == "tls")}/printer", "--crlf", .. secure,
            "--mail-from", "printer@contoso.example", "--mail-rcpt", to, "--upload-file", "-"], $"Subject: {to}\n\nA page of curl\n");
    }

    [Theory]
    [InlineData("clear")]
    [InlineData("starttls")]
    [InlineData("tls")]
    public async Task S_nail(string way)
    {
        var to = $"s-nail-{way}@contoso.example";
        // By name: s-nail does not look for an address in a certificate.
        var server = $"localhost:{office.Port(way == "tls")}";
        string[] how = way == "clear"
            ? [$"-Smta=smtp://{server}", "-Ssmtp-auth=none"]
            : [$"-Smta={(way == "tls" ? "smtps" : "smtp")}://{User}:{Uri.EscapeDataString(Password)}@{server}", "-Ssmtp-auth=plain", "-Stls-verify=strict",
                $"-Stls-ca-file={office.CertificateFile}", way == "tls" ? "-Snosmtp-use-starttls" : "-Ssmtp-use-starttls"];
        await HandsInAsync(to, "s-nail", ["-:/", "-Sv15-compat", "-Snosave", "-Sfrom=printer@contoso.example", .. how, "-s", to, to], "A page of s-nail\n");
    }

    [Theory]
    [InlineData("clear")]
    [InlineData("starttls")]
    [InlineData("tls")]
    public async Task Python(string way)
    {
        var to = $"python-{way}@contoso.example";
        const string Script = """
            import smtplib, ssl, sys
            way, port, trust, user, password, to = sys.argv[1:]
            context = ssl.create_default_context(cafile=trust)
            smtp = smtplib.SMTP_SSL("127.0.0.1", port, context=context) if way == "tls" else smtplib.SMTP("127.0.0.1", port)
            with smtp:
                if way == "starttls": smtp.starttls(context=context)
                if way != "clear": smtp.login(user, password)
                smtp.sendmail("printer@contoso.example", [to], sys.stdin.read())
            """;
        await HandsInAsync(to, "python3", ["-c", Script, way, office.Port(way == "tls").ToString(), office.CertificateFile, User, Password, to], $"Subject: {to}\n\nA page of python\n");
    }

    private async Task HandsInAsync(string to, string program, string[] arguments, string input)
    {
        var result = await Tool.RunAsync(new ToolCall(program, arguments) { Input = input });
        Assert.True(result.ExitCode == 0, result.ToString());
        var mail = await office.Gateway.ArrivesAsync(to);
        Assert.Equal((to, "scan@contoso.example"), (mail.Content.Header("Subject"), mail.Envelope.SignedIn));
        var signsIn = !to.Contains("clear", StringComparison.Ordinal) && !to.Contains("none", StringComparison.Ordinal);
        Assert.Matches(signsIn ? "with ESMTPSA " : "with E?SMTP ", mail.Content.Header("Received"));
    }

    /// <summary>One signed-in gateway for all of them, with one device that signs in.</summary>
    public sealed class Office : IAsyncLifetime
    {
        private readonly Folder _folder = new();

        public LabGateway Gateway { get; private set; } = null!;

        public string CertificateFile => _folder.In("gateway.pem");

        public int Port(bool overTls) => (overTls ? Gateway.SmtpOverTls : Gateway.Smtp).Port;

        public string Server(bool overTls) => $"127.0.0.1:{Port(overTls)}";

        public async ValueTask InitializeAsync()
        {
            Gateway = await LabGateway.StartAsync();
            await Gateway.SignInAsync();
            await File.WriteAllTextAsync(CertificateFile, Gateway.Services.GetRequiredService<DeviceMail.Web.ServerCertificate>().Certificate.ExportCertificatePem());
            Assert.IsType<DeviceSave.Saved>(await Gateway.Services.GetRequiredService<DeviceRegister>().SaveAsync(
                new Device { Id = 0, Name = "office", UserName = User, Habits = Habits.CramMd5 }, DeviceCredential.ForCramMd5(new(Password))));
        }

        public async ValueTask DisposeAsync()
        {
            await Gateway.DisposeAsync();
            _folder.Dispose();
        }
    }
}
