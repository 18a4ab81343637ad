using System.CommandLine;
using System.Net;
using DeviceMail.Accounts;
using DeviceMail.Control;
using DeviceMail.Documents;
using DeviceMail.Messages;
using DeviceMail.Printing;
using DeviceMail.Queue;
using DeviceMail.Settings;
using DeviceMail.Storage;
using DeviceMail.Tests.Kit;
using DeviceMail.Tests.Parts;
using DeviceMail.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DeviceMail.Tests.Printing;

public sealed class StatusSheetTests
{
    private const string Password = "correct horse battery";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task G3_3_the_sheet_carries_the_email_servers_settings_and_how_it_stands()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.SignInAsync();
        await gateway.HandInAsync("a scan", "anna@contoso.example");
        await LabGateway.EventuallyAsync(() => gateway.Queue.Counts().GetValueOrDefault(JobState.Sent) == 1);

        var text = await TextAsync(gateway.Services);

        Assert.Contains("Mail goes out.", text, StringComparison.Ordinal);
        Assert.Contains("scan@contoso.example (default)", text, StringComparison.Ordinal);
        Assert.Matches("Authentication Method +OAuth2, Custom", text);
        Assert.Matches($"SMTP server +127.0.0.1, port {gateway.Lab.Smtp.Port}, STARTTLS", text);
        Assert.Matches("Current Status +Signed in\n", text);
        Assert.Matches(@"Last refreshed +\d+ \w+ \d{4}, \d\d:\d\d; no end known", text);
        Assert.Matches(@"Last sent +\d+ \w+ \d{4}, \d\d:\d\d", text);
        Assert.Matches($"SMTP +Port {gateway.Smtp.Port} of 127.0.0.1, STARTTLS offered", text);
        Assert.Contains($"DeviceMail {BuildVersion.Current.Version}, build {BuildVersion.Current.Build}", text, StringComparison.Ordinal);
        Assert.Matches("Host name +" + Dns.GetHostName(), text);
        var fingerprint = gateway.Services.GetRequiredService<ServerCertificate>().Fingerprint;
        Assert.Contains(fingerprint[..47], text, StringComparison.Ordinal);
        Assert.Contains(fingerprint[48..], text, StringComparison.Ordinal);
        Assert.All(NetworkLink.All(), link => Assert.Contains(link.Addresses[0].Address.ToString(), text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task G3_3_trouble_stands_on_the_sheet_with_code_cause_and_remedy()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.SignInAsync();
        gateway.Lab.Switches.TokenRevoked = true;
        await gateway.HandInAsync("revoked", "anna@contoso.example");
        await LabGateway.EventuallyAsync(() => gateway.Status.StandsInTheWay(gateway.Account.Id)?.Code == 370);

        var text = Words(await TextAsync(gateway.Services));

        var problem = gateway.Status.StandsInTheWay(gateway.Account.Id)!;
        Assert.Matches("Code 370 Cause ", text);
        Assert.Contains(Words(problem.Cause), text, StringComparison.Ordinal);
        Assert.Contains(Words(problem.RemedyFor("scan@contoso.example")), text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_secret_is_on_the_sheet()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.SignInAsync();
        var (accounts, secrets) = (gateway.Services.GetRequiredService<AccountRegister>(), gateway.Services.GetRequiredService<SecretStore>());
        var relay = Assert.IsType<AccountSave.Saved>(await accounts.SaveAsync(gateway.Account with
        {
            Id = 0, Address = MailAddress.Parse("relay@contoso.example"), Method = AuthenticationMethod.SmtpAuth, UserName = "canary-user", IsDefault = false,
        })).Account;
        gateway.Services.GetRequiredService<PasswordKeeper>().Set(relay, new Secret("canary-password"));
        var other = Assert.IsType<AccountSave.Saved>(await accounts.SaveAsync(gateway.Account with { Id = 0, Address = MailAddress.Parse("ben@contoso.example"), IsDefault = false })).Account;
        var started = Assert.IsType<SignInStart.Started>(await gateway.Services.GetRequiredService<AccountSignIn>().StartAsync(other, Cancel));
        var token = secrets.Find(SecretNames.RefreshToken(gateway.Account))!.Reveal();

        var sheet = gateway.Services.GetRequiredService<StatusSheet>().Read();
        var said = string.Join('\n', sheet.Sections.SelectMany(section => section.Blocks).SelectMany(block => block.Rows.Select(row => row.Value).Append(block.Title))
            .Concat(sheet.Head.Select(row => row.Value)).Concat([sheet.Answer.Headline, sheet.Answer.Advice, sheet.Foot]));

        Assert.Contains("Waiting for a person to sign in", said, StringComparison.Ordinal);
        Assert.All(["canary", token, token[..16], started.Code.UserCode, Password], secret => Assert.DoesNotContain(secret, said, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_listener_has_words_for_its_encryption_and_the_code_leads_to_Web_Config()
    {
        using var folder = new Folder();
        await using var app = await StartAsync(folder);

        var sheet = app.Services.GetRequiredService<StatusSheet>().Read();

        var listening = sheet.Sections.Single(section => section.Title == "Listening").Blocks[0].Rows;
        Assert.Equal(app.Services.GetRequiredService<Listeners>().All.Select(one => one.Name).Order(), listening.Select(row => row.Label).Order());
        Assert.DoesNotContain(listening, row => row.Value.Contains("see Web Config", StringComparison.Ordinal));
        var web = app.Services.GetRequiredService<Listeners>().Find(WebSetup.ListenerName)!;
        Assert.Equal($"https://127.0.0.1:{web.Port}/", sheet.Code!.Value.Address);
        await app.StopAsync(Cancel);
    }

    [Fact]
    public async Task The_sheet_is_served_to_a_logged_in_administrator_and_to_nobody_else()
    {
        using var folder = new Folder();
        await using var app = await StartAsync(folder);
        var address = new Uri($"https://127.0.0.1:{app.Services.GetRequiredService<Listeners>().Find(WebSetup.ListenerName)!.Port}");
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true, AllowAutoRedirect = false };
        using var http = new HttpClient(handler) { BaseAddress = address };

        using var stranger = await http.GetAsync("/status-sheet.pdf", Cancel);
        using var login = new HttpRequestMessage(HttpMethod.Post, "/login") { Content = new FormUrlEncodedContent([new("password", Password)]) };
        login.Headers.Add("Origin", address.GetLeftPart(UriPartial.Authority));
        (await http.SendAsync(login, Cancel)).Dispose();
        using var sheet = await http.GetAsync("/status-sheet.pdf?paper=letter", Cancel);

        Assert.Equal(HttpStatusCode.SeeOther, stranger.StatusCode);
        Assert.Equal(("application/pdf", "no-store"), (sheet.Content.Headers.ContentType?.MediaType, sheet.Headers.CacheControl?.ToString()));
        using var document = UglyToad.PdfPig.PdfDocument.Open(await sheet.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal(792, Assert.Single(document.GetPages()).Height);
        await app.StopAsync(Cancel);
    }

    [Fact]
    public async Task The_command_writes_the_sheet_and_says_so()
    {
        using var folder = new Folder();
        var file = folder.In("sheet.pdf");

        var (code, output, _) = await RunAsync("status-sheet", "--data", folder.In("data"), "--out", file, "--paper", "letter");

        Assert.Equal((0, $"Wrote {file}: one page of Letter.\n"), (code, output));
        Assert.Contains("None: no service runs on this folder.", (await Tool.RunAsync("pdftotext", "-layout", file, "-")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--paper a3", 2, "--paper cannot be “a3”: it must be a4 or letter.")]
    [InlineData("--print copier", 1, "“copier” is neither a printer of the list nor an address")]
    [InlineData("--print ipp://copier --out sheet.pdf", 2, "--out and --print exclude each other")]
    [InlineData("--out /nowhere/sheet.pdf", 1, "/nowhere/sheet.pdf cannot be written")]
    public async Task What_cannot_be_done_is_one_sentence(string arguments, int exitCode, string sentence)
    {
        using var folder = new Folder();

        var (code, _, error) = await RunAsync(["status-sheet", "--data", folder.Path, .. arguments.Split(' ')]);

        Assert.Equal(exitCode, code);
        Assert.StartsWith(sentence, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_printer_of_the_list_is_printed_on_by_its_name()
    {
        using var folder = new Folder();
        await using var printer = await ScriptedPrinter.StartAsync();

        var added = await RunAsync("printers", "add", printer.Address, "--name", "Copier", "--data", folder.Path);
        var printed = await RunAsync("status-sheet", "--print", "copier", "--data", folder.Path);
        var list = await RunAsync("printers", "--data", folder.Path);
        var removed = await RunAsync("printers", "remove", "Copier", "--data", folder.Path);
        var empty = await RunAsync("printers", "--json", "--data", folder.Path);

        Assert.Equal("The printer “Copier” is in the list.\n", added.Output);
        Assert.Equal("Copier has printed the sheet.\n", printed.Output);
        Assert.Matches(@"Copier +ipp://127\.0\.0\.1:\d+/ipp/print +ready: it is out of paper\n", list.Output);
        Assert.Equal("The printer “Copier” is no longer in the list.\n", removed.Output);
        Assert.Equal("[]\n", empty.Output);
    }

    private static async Task<Microsoft.AspNetCore.Builder.WebApplication> StartAsync(Folder folder)
    {
        var app = DeviceMailHost.Build(new StartOptions
        {
            DataPath = folder.Path,
            Smtp = [new SmtpEndpoint(new IPEndPoint(IPAddress.Loopback, 0), TlsMode.StartTls), new SmtpEndpoint(new IPEndPoint(IPAddress.Loopback, 0), TlsMode.Implicit)],
            Web = new IPEndPoint(IPAddress.Loopback, 0),
            Http = new IPEndPoint(IPAddress.Loopback, 0),
            LogLevel = LogLevel.Error,
        });
        await app.StartAsync(Cancel);
        await app.Services.GetRequiredService<Claim>().ClaimUnattendedAsync("admin@contoso.example", Password);
        return app;
    }

    private static async Task<string> TextAsync(IServiceProvider services)
    {
        using var folder = new Folder();
        await File.WriteAllBytesAsync(folder.In("sheet.pdf"), SheetWriter.Write(services.GetRequiredService<StatusSheet>().Read(), Paper.A4), Cancel);
        return (await Tool.RunAsync("pdftotext", "-layout", folder.In("sheet.pdf"), "-")).Output;
    }

    /// <summary>Without line breaks and backticks.</summary>
    private static string Words(string text) => string.Join(' ', text.Replace("`", "", StringComparison.Ordinal).Split((char[])[' ', '\n', '\f'], StringSplitOptions.RemoveEmptyEntries));

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var settings = new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = error };
        var code = await CommandLine.RunAsync(arguments, settings);
        return (code, output.ToString(), error.ToString());
    }
}
