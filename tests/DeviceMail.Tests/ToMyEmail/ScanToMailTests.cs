using System.Text;
using DeviceMail.Lab.Mailboxes;
using DeviceMail.Messages;
using DeviceMail.People;
using DeviceMail.Queue;
using DeviceMail.Scanning;
using DeviceMail.Tests.Kit;
using DeviceMail.Tests.Parts;
using DeviceMail.ToMyEmail;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;

namespace DeviceMail.Tests.ToMyEmail;

/// <summary>From the pretend scanner through the gateway to the person's mailbox, over real sockets.</summary>
public sealed class ScanToMailTests
{
    private static readonly ScanWish _wish = new("anna", null) { Dpi = 75 };

    [Fact]
    public async Task Sheets_of_the_feeder_arrive_as_one_pdf_in_their_order()
    {
        await using var gateway = await StartAsync();
        await gateway.SignInAsync();
        gateway.Lab.Scanner.Load(3);
        var mail = Assert.IsType<ScanToMailOutcome.Taken>(await ScanAsync(gateway, _wish)).Mail;
        Assert.Equal((3, "anna@contoso.example"), (mail.Pages, mail.To));

        var arrived = await gateway.ArrivesAsync("anna@contoso.example");
        Assert.Equal("scan@contoso.example", arrived.Envelope.TokenOf);
        Assert.Equal(["anna@contoso.example"], arrived.Envelope.Recipients);
        using var folder = new Folder();
        var pdf = await PdfAsync(arrived, folder);
        var at = Enumerable.Range(1, 3).Select(page => pdf.IndexOf($"PRETEND page {page} of feeder", StringComparison.Ordinal)).ToList();
        Assert.DoesNotContain(-1, at);
        Assert.Equal(at.Order(), at);
        var check = await Tool.RunAsync("qpdf", "--check", folder.In("scan.pdf"));
        Assert.True(check.ExitCode == 0, $"{check}");
        Assert.Equal("3", (await Tool.RunAsync("qpdf", "--show-npages", folder.In("scan.pdf"))).Output.Trim());
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(gateway.DataPath, "scans")));
    }

    [Fact]
    public async Task A_scan_waits_for_a_sign_in_like_any_mail()
    {
        await using var gateway = await StartAsync();
        gateway.Lab.Scanner.Load(1);
        var mail = Assert.IsType<ScanToMailOutcome.Taken>(await ScanAsync(gateway, _wish with { Source = "glass" })).Mail;
        await LabGateway.EventuallyAsync(() => gateway.Queue.Find(mail.Job)?.State == JobState.Held);
        await gateway.SignInAsync();
        await gateway.ArrivesAsync("anna@contoso.example");
    }

    [Fact]
    public async Task A_jam_sends_nothing_and_says_how_many_pages_had_come()
    {
        await using var gateway = await StartAsync();
        gateway.Lab.Scanner.Load(3);
        gateway.Lab.Scanner.Switches.JamAtSheet = 2;
        var refused = Assert.IsType<ScanToMailOutcome.Refused>(await ScanAsync(gateway, _wish));
        Assert.Contains("1 page had come. Nothing is sent", refused.Sentence, StringComparison.Ordinal);
        Assert.Empty(gateway.Queue.List(new JobFilter()));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(gateway.DataPath, "scans")));
    }

    [Fact]
    public async Task A_mail_over_the_accounts_limit_is_refused_before_it_is_queued()
    {
        await using var gateway = await StartAsync();
        await gateway.ChangeAsync(account => account with { SizeLimit = 65_536 });
        gateway.Lab.Scanner.Load(3);
        var refused = Assert.IsType<ScanToMailOutcome.Refused>(await ScanAsync(gateway, _wish with { Dpi = 150 }));
        Assert.Contains("lower resolution", refused.Sentence, StringComparison.Ordinal);
        Assert.Empty(gateway.Queue.List(new JobFilter()));
    }

    [Fact]
    public async Task What_a_killed_run_left_is_gone_at_the_next_start_and_a_disk_that_takes_nothing_is_told()
    {
        await using var gateway = await StartAsync();
        var left = Directory.CreateDirectory(Path.Combine(gateway.DataPath, "scans", "left"));
        await gateway.RestartAsync();
        Assert.False(Directory.Exists(left.FullName));
        await File.WriteAllTextAsync(Path.Combine(gateway.DataPath, "scans"), "in the way", TestContext.Current.CancellationToken);
        gateway.Lab.Scanner.Load(1);
        var refused = Assert.IsType<ScanToMailOutcome.Refused>(await ScanAsync(gateway, _wish));
        Assert.Contains("disk does not take the scan", refused.Sentence, StringComparison.Ordinal);
        Assert.Equal(1, gateway.Lab.Scanner.SheetsInFeeder);
    }

    [Theory]
    [InlineData("nobody", null, "feeder", "no registered user")]
    [InlineData("anna", "cellar", "feeder", "no scanner “cellar”")]
    [InlineData("anna", null, "7", "no source")]
    public async Task A_wish_that_cannot_be_is_refused_with_its_remedy(string person, string? scanner, string source, string says)
    {
        await using var gateway = await StartAsync();
        var refused = Assert.IsType<ScanToMailOutcome.Refused>(await ScanAsync(gateway, new ScanWish(person, scanner) { Source = source }));
        Assert.Contains(says, refused.Sentence, StringComparison.Ordinal);
    }

    private static async Task<LabGateway> StartAsync()
    {
        var gateway = await LabGateway.StartAsync();
        Assert.IsType<PersonSave.Saved>(await gateway.Services.GetRequiredService<PersonRegister>().SaveAsync(
            new DeviceMail.People.Person { Id = 0, UserId = "anna", DisplayName = "Anna", Address = MailAddress.Parse("anna@contoso.example") }));
        Assert.True(ScannerAddress.TryParse(gateway.Lab.Scanner.Address.ToString(), out var address));
        Assert.IsType<ScannerSave.Saved>(await gateway.Services.GetRequiredService<ScannerRegister>().SaveAsync(new Scanner(0, "Copier", address)));
        return gateway;
    }

    private static Task<ScanToMailOutcome> ScanAsync(LabGateway gateway, ScanWish wish) =>
        gateway.Services.GetRequiredService<ScanToMail>().ScanAsync(wish, TestContext.Current.CancellationToken);

    private static async Task<string> PdfAsync(LabMessage arrived, Folder folder)
    {
        await using var octets = arrived.Body.OpenRead();
        using var message = await MimeMessage.LoadAsync(octets, TestContext.Current.CancellationToken);
        var attachment = Assert.IsType<MimePart>(Assert.Single(message.Attachments));
        Assert.Matches(@"^Scan \d{4}-\d\d-\d\d \d{4}\.pdf$", attachment.FileName);
        await using (var file = File.Create(folder.In("scan.pdf"))) await attachment.Content!.DecodeToAsync(file, TestContext.Current.CancellationToken);
        return Encoding.Latin1.GetString(await File.ReadAllBytesAsync(folder.In("scan.pdf"), TestContext.Current.CancellationToken));
    }
}
