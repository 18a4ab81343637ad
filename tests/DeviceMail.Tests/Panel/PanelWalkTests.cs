using DeviceMail.Messages;
using DeviceMail.Accounts;
using DeviceMail.Panel;
using DeviceMail.Printing;
using DeviceMail.Queue;
using DeviceMail.Tests.Kit;
using DeviceMail.Tests.Parts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace DeviceMail.Tests.Panel;

/// <summary>The guide's rows at the control panel, walked in a browser of 1024 x 600.</summary>
public sealed class PanelWalkTests
{
    private static readonly string[] _toNetworkStatus = ["Settings", "General Settings", "Network Settings", "Network Status"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_browser_becomes_a_panel_by_the_code_it_shows_and_is_one_until_it_is_unpaired()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var panel = await PanelBrowser.OpenAsync(gateway);
        await using var desk = await Browser.LogInAsync(gateway);
        await panel.FitsAsync();
        await panel.ShowAsync("pair");
        await panel.Touch.GoAsync(PanelMenu.JobStatus.Address);
        await Assertions.Expect(panel.Touch.Heading("This browser is not paired yet")).ToBeVisibleAsync();

        await desk.OpenAsync("Device Management", "Panels");
        await desk.ShowAsync("panels-empty");
        await desk.Field("Code").FillAsync("000-000");
        await desk.Field("Name").FillAsync(PanelBrowser.Name);
        await desk.PressAsync("Pair");
        await desk.SeesAsync("No panel shows this code now.");
        await desk.ShowAsync("panels-fault");
        await desk.Field("Code").FillAsync((await panel.CodeAsync()).ToLowerInvariant().Replace("-", " ", StringComparison.Ordinal));
        await desk.PressAsync("Pair");

        await desk.SeesAsync("Copier 2nd floor is paired.");
        await Assertions.Expect(panel.Touch.Heading(PanelBrowser.Name)).ToBeVisibleAsync();
        await desk.GoAsync("/panels");
        await desk.SeesAsync("at 127.0.0.1");
        await desk.ShowAsync("panels");

        await gateway.RestartAsync();
        await panel.Touch.GoAsync(new Uri(gateway.Web, PanelMenu.Home).ToString());
        await Assertions.Expect(panel.Touch.Heading(PanelBrowser.Name)).ToBeVisibleAsync();

        await using var after = await Browser.LogInAsync(gateway);
        await after.GoAsync("/panels");
        await after.PressAsync("Unpair Copier 2nd floor");
        await after.SeesAsync("None yet.");
        await Assertions.Expect(panel.Touch.Heading("This browser is not paired yet")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task G2_1_the_panel_shows_every_address_and_a_code_that_opens_Web_Config()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var panel = await PanelBrowser.PairAsync(gateway);

        await panel.SelectAsync([.. _toNetworkStatus, "Wired LAN/Wi-Fi Status"]);

        await Assertions.Expect(panel.Touch.Heading("Wired LAN/Wi-Fi Status")).ToBeVisibleAsync();
        await Assertions.Expect(panel.Page.GetByRole(AriaRole.Img, new() { Name = $"QR code for {gateway.Web}", Exact = true })).ToBeVisibleAsync();
        await panel.Touch.SeesAsync($"{gateway.Web}");
        await panel.FitsAsync();
        await panel.ShowAsync("addresses");
        var shown = await panel.Page.Locator("main").InnerTextAsync();
        while (await panel.Touch.Link("More addresses").IsVisibleAsync())
        {
            var before = panel.Page.Url;
            await panel.Touch.FollowAsync("More addresses");
            Assert.NotEqual(before, panel.Page.Url);
            await panel.FitsAsync();
            shown += await panel.Page.Locator("main").InnerTextAsync();
        }
        Assert.All(NetworkLink.All().SelectMany(link => link.Addresses), one => Assert.Contains($"{one.Address}/{one.Prefix}", shown, StringComparison.Ordinal));
    }

    [Fact]
    public async Task G3_1_the_lock_opens_administrator_items_for_the_administrator_and_nothing_else()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var panel = await PanelBrowser.PairAsync(gateway);
        await panel.SelectAsync(_toNetworkStatus);
        Assert.Equal(2, await panel.Page.GetByRole(AriaRole.Img, new() { Name = "locked, for the administrator" }).CountAsync());
        await panel.FitsAsync();
        await panel.ShowAsync("network-status-locked");

        await panel.Touch.FollowAsync("Administrator");
        await panel.FitsAsync();
        await panel.ShowAsync("administrator");
        await panel.SignInAsync("not the password");
        await panel.Touch.SeesAsync("This is not the administrator's password.");
        await panel.ShowAsync("administrator-fault");
        await panel.SignInAsync();

        await Assertions.Expect(panel.Touch.Heading("Network Status")).ToBeVisibleAsync();
        Assert.Equal(0, await panel.Page.GetByRole(AriaRole.Img, new() { Name = "locked, for the administrator" }).CountAsync());
        await panel.Touch.GoAsync("/devices");
        await Assertions.Expect(panel.Touch.Heading("Log in")).ToBeVisibleAsync();
        await panel.Touch.GoAsync(PanelMenu.NetworkStatus.Address);
        await panel.Touch.PressAsync("Log out");
        await Assertions.Expect(panel.Touch.Heading(PanelBrowser.Name)).ToBeVisibleAsync();
        await panel.Touch.GoAsync(PanelMenu.EmailServerStatus.Address);
        await Assertions.Expect(panel.Touch.Heading("Sign in as administrator")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task G3_2_email_server_status_shows_settings_and_status_live()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await gateway.SignInAsync();
        await using var panel = await PanelBrowser.PairAsync(gateway);

        await panel.SelectAsync([.. _toNetworkStatus, "Email Server Status"]);
        await panel.SignInAsync();

        await Assertions.Expect(panel.Touch.Heading("Email Server Status")).ToBeVisibleAsync();
        foreach (var words in (string[])["scan@contoso.example", "OAuth2", "127.0.0.1", $"{gateway.Lab.Smtp.Port}", "STARTTLS", "Signed in"]) await panel.Touch.SeesAsync(words);
        await panel.FitsAsync();
        await panel.ShowAsync("email-server-status");

        gateway.Lab.Switches.TokenRevoked = true;
        await gateway.HandInAsync("revoked", "anna@contoso.example");
        await panel.Touch.SeesAsync("code 370");
        await panel.Touch.SeesAsync(gateway.Status.StandsInTheWay(gateway.Account.Id)!.Cause);
        await panel.FitsAsync();
        await panel.ShowAsync("email-server-status-370");
        gateway.Lab.Switches.TokenRevoked = false;
        await gateway.SignInAsync();
        await panel.Touch.SeesNotAsync("code 370");
    }

    [Fact]
    public async Task G3_2_each_account_has_its_page_and_a_code_for_one_person_is_on_none()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var panel = await PanelBrowser.PairAsync(gateway);
        var accounts = gateway.Services.GetRequiredService<AccountRegister>();
        var other = Assert.IsType<AccountSave.Saved>(await accounts.SaveAsync(gateway.Account with { Id = 0, Address = MailAddress.Parse("a.rather.long.name.of.a.mailbox@accounting.contoso.example"), IsDefault = false })).Account;
        var started = Assert.IsType<SignInStart.Started>(await gateway.Services.GetRequiredService<AccountSignIn>().StartAsync(other, Cancel));

        await panel.Touch.GoAsync(PanelMenu.EmailServerStatus.Address);
        await panel.SignInAsync();
        await panel.SelectAsync(other.Address.ToString());

        await panel.Touch.SeesAsync("Waiting for a person to sign in");
        Assert.DoesNotContain(started.Code.UserCode, await panel.Page.ContentAsync(), StringComparison.Ordinal);
        await panel.FitsAsync();
        await panel.ShowAsync("email-server-status-two");
    }

    [Fact]
    public async Task G3_3_the_status_sheet_is_previewed_printed_on_a_known_printer_and_downloaded()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var printer = await IppEvePrinter.StartAsync();
        await using var panel = await PanelBrowser.PairAsync(gateway);
        await panel.SelectAsync([.. _toNetworkStatus, "Print Status Sheet"]);
        await panel.SignInAsync();
        await panel.Touch.SeesAsync("No printer is known yet.");
        await panel.FitsAsync();
        await panel.ShowAsync("sheet-no-printer");
        Assert.True(PrinterAddress.TryParse(printer.Address, out var address));
        Assert.IsType<PrinterSave.Saved>(await gateway.Services.GetRequiredService<PrintDesk>().AddAsync("Copier", address, Cancel));

        await panel.Page.ReloadAsync();
        await panel.Touch.SeesAsync("Network Status Sheet");
        await panel.Touch.SeesAsync("scan@contoso.example (default)");
        await panel.FitsAsync();
        await panel.ShowAsync("sheet");
        var download = await panel.Page.RunAndWaitForDownloadAsync(() => panel.Touch.FollowAsync("Download"));
        Assert.Equal("status-sheet.pdf", download.SuggestedFilename);
        await panel.Touch.Field("Printer").SelectOptionAsync(new SelectOptionValue { Label = "Copier" });
        await panel.Touch.PressAsync("Print");

        await panel.Touch.SeesAsync("The sheet is printed");
        await panel.Touch.SeesAsync("Copier has printed the sheet.");
        await panel.ShowAsync("sheet-printed");
        using var sheet = UglyToad.PdfPig.PdfDocument.Open(Assert.Single(printer.Documents));
        Assert.Equal(1, sheet.NumberOfPages);
        await panel.Touch.PressAsync("OK");
        await Assertions.Expect(panel.Touch.Button("Print")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task G3_3_a_print_under_way_is_shown_and_can_be_stopped()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var printer = await IppEvePrinter.StartAsync(command: "exec sleep 600");
        await using var panel = await PanelBrowser.PairAsync(gateway);
        Assert.True(PrinterAddress.TryParse(printer.Address, out var address));
        Assert.IsType<PrinterSave.Saved>(await gateway.Services.GetRequiredService<PrintDesk>().AddAsync("Copier", address, Cancel));
        await panel.Touch.GoAsync(PanelMenu.PrintStatusSheet.Address);
        await panel.SignInAsync();

        await panel.Touch.PressAsync("Print");
        await panel.Touch.SeesAsync("Printing on Copier");
        await panel.FitsAsync();
        await panel.ShowAsync("sheet-printing");
        await LabGateway.EventuallyAsync(() => printer.Said.Contains("Get-Job-Attributes successful-ok", StringComparison.Ordinal));
        await panel.Touch.PressAsync("Stop");

        await LabGateway.EventuallyAsync(() => printer.Said.Contains("Cancel-Job successful-ok", StringComparison.Ordinal));
        await Assertions.Expect(panel.Touch.Button("Print")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task G6_2_without_a_sign_in_the_panel_says_the_guides_sentence_until_somebody_signed_in()
    {
        const string sentence = "To use this function, you must sign in to your email service. Please contact your administrator.";
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var panel = await PanelBrowser.PairAsync(gateway);
        await panel.Touch.SeesAsync(sentence);
        await panel.FitsAsync();
        await panel.ShowAsync("home-no-sign-in");
        await gateway.HandInAsync("early", "anna@contoso.example");
        await LabGateway.EventuallyAsync(() => gateway.Queue.Counts().GetValueOrDefault(JobState.Held) == 1);
        await panel.Touch.GoAsync($"{PanelMenu.JobStatus.Address}/1");
        await panel.Touch.SeesAsync(sentence);

        await panel.Touch.GoAsync(PanelMenu.Home);
        await gateway.SignInAsync();
        await panel.Touch.SeesNotAsync(sentence);
        await panel.Touch.SeesAsync("Nothing waits");
        await panel.FitsAsync();
        await panel.ShowAsync("home");
    }

    [Theory]
    [InlineData(360)]
    [InlineData(361)]
    [InlineData(370)]
    public async Task G6_4_job_status_shows_the_code_with_cause_and_remedy_and_the_job_goes_out_by_itself(int code)
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var panel = await PanelBrowser.PairAsync(gateway);
        if (code != 360) await gateway.SignInAsync();
        gateway.Lab.Switches.TokenExpiredByDisuse = code == 361;
        gateway.Lab.Switches.TokenRevoked = code == 370;
        if (code != 360) await RefreshAsync(gateway);
        await gateway.HandInAsync("Salaries of all", "anna@contoso.example");
        await LabGateway.EventuallyAsync(() => gateway.Queue.Counts().GetValueOrDefault(JobState.Held) == 1);
        var problem = gateway.Status.StandsInTheWay(gateway.Account.Id)!;
        Assert.Equal(code, problem.Code);

        await panel.SelectAsync("Job/Status", "Job Status");
        await panel.Touch.SeesAsync($"Code {code}");
        await panel.FitsAsync();
        await panel.ShowAsync($"jobs-{code}");
        await panel.SelectAsync($"Code {code}");

        await panel.Touch.SeesAsync($"{code}: {problem.Title}");
        await panel.Touch.SeesAsync(problem.Cause);
        await panel.Touch.SeesAsync(problem.RemedyFor("scan@contoso.example").Replace("`", "", StringComparison.Ordinal));
        await panel.Touch.SeesNotAsync("Salaries");
        await panel.FitsAsync();
        await panel.ShowAsync($"job-{code}");
        (gateway.Lab.Switches.TokenExpiredByDisuse, gateway.Lab.Switches.TokenRevoked) = (false, false);
        await gateway.SignInAsync();
        await panel.Touch.SeesAsync("Sent. Mail from printer");
        await gateway.ArrivesAsync("anna@contoso.example");
    }

    /// <summary>The access token is refused, so that the sign-in service is asked for a new one.</summary>
    private static async Task RefreshAsync(LabGateway gateway)
    {
        var tokens = gateway.Services.GetRequiredService<TokenKeeper>();
        var ready = Assert.IsType<AccessTokenResult.Ready>(await tokens.GetAsync(gateway.Account, Cancel));
        Assert.IsNotType<AccessTokenResult.Ready>(await tokens.RefusedAsync(gateway.Account, ready.Token, Cancel));
    }

    [Fact]
    public async Task Subjects_and_addresses_are_for_the_administrator_only_and_many_jobs_fit()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var panel = await PanelBrowser.PairAsync(gateway);
        foreach (var number in Enumerable.Range(1, 10))
            await gateway.HandInAsync($"Salaries <b>{number}</b> and a subject that goes on for longer than any line of the panel could ever hold", "anna@contoso.example", "ben@contoso.example");
        await LabGateway.EventuallyAsync(() => gateway.Queue.Counts().GetValueOrDefault(JobState.Held) == 10);

        await panel.SelectAsync("Job/Status", "Job Status");
        await panel.FitsAsync();
        await panel.Touch.FollowAsync("Older jobs");
        await panel.FitsAsync();
        foreach (var secret in (string[])["Salaries", "anna@"]) Assert.DoesNotContain(secret, await panel.Page.ContentAsync(), StringComparison.Ordinal);
        await panel.ShowAsync("jobs");

        await panel.Touch.FollowAsync("Administrator");
        await panel.SignInAsync();
        await panel.Touch.SeesAsync("Salaries <b>6</b>");
        await panel.FitsAsync();
        await panel.ShowAsync("jobs-administrator");
    }
}
