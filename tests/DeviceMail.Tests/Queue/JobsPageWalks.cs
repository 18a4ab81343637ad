using DeviceMail.Accounts;
using DeviceMail.Queue;
using DeviceMail.Settings;
using DeviceMail.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace DeviceMail.Tests.Queue;

/// <summary>Job/Status > Job Status and Activity, walked by a person with a browser.</summary>
public sealed class JobsPageWalks
{
    [Fact]
    public async Task G6_4_Job_status_shows_360_361_and_370_with_cause_and_remedy_and_each_mail_goes_out_by_itself()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var browser = await Browser.LogInAsync(gateway);

        await gateway.HandInAsync("before the sign-in", "anna@contoso.example");
        await LooksAsync(browser, "before the sign-in", "Code 360", "Nobody has signed this account in", "signs in to the email service");
        await browser.ShowAsync("jobs-360");
        await gateway.SignInAsync();
        await SentAsync(gateway, browser, "before the sign-in", 1);

        gateway.Lab.Switches.TokenExpiredByDisuse = true;
        gateway.Lab.Switches.AccessTokensExpired = true;
        // The open connection ends, as it does by itself after a minute of silence.
        gateway.Queue.Ask(gateway.Account.Id);
        await gateway.HandInAsync("after long disuse", "anna@contoso.example");
        await LooksAsync(browser, "after long disuse", "Code 361", "AADSTS", "signs in again");
        await browser.ShowAsync("jobs-361");
        await gateway.SignInAsync();
        await SentAsync(gateway, browser, "after long disuse", 2);

        gateway.Lab.Switches.TokenRevoked = true;
        gateway.Queue.Ask(gateway.Account.Id);
        await gateway.HandInAsync("after a revocation", "anna@contoso.example");
        await LooksAsync(browser, "after a revocation", "Code 370", "AADSTS", "signs in again");
        await browser.ShowAsync("jobs-370");
        await gateway.SignInAsync();
        await SentAsync(gateway, browser, "after a revocation", 3);
    }

    [Fact]
    public async Task G6_4_A_row_opens_with_history_and_the_job_is_sent_by_another_account()
    {
        await using var gateway = await RelayGateway.StartAsync();
        await gateway.AddAccountAsync("office@contoso.example", new Budget(1, 0, 0));
        gateway.Relay.Say("RCPT", "450 4.2.0 come again later");
        var job = await gateway.AcceptAsync("Scan, 3 pages", "ines.bauer@contoso.example");
        await LabGateway.EventuallyAsync(() => gateway.Queue.Find(job) is { Attempts: 1 });
        await using var browser = await gateway.LogInAsync();
        await browser.OpenAsync("Job/Status", "Job Status");
        await browser.FollowAsync("Scan, 3 pages");
        foreach (var words in (string[])["Received from Copier 2nd floor and stored", "Tried and put off", "450 4.2.0 come again later", "Next attempt", "Server said", "Waiting until"]) await browser.SeesAsync(words);
        await browser.ShowAsync("jobs-open");
        await browser.PressAsync("Send from office@contoso.example instead");
        await browser.SeesAsync("Given to the account office@contoso.example by the administrator in Web Config (127.0.0.1)");
        await browser.SeesAsync("Sent in");
        await browser.OpenAsync("Job/Status", "Activity");
        await browser.SeesAsync($"Job {job} was given to the account office@contoso.example by the administrator in Web Config (127.0.0.1).");
        await browser.ShowAsync("activity");
        await browser.FollowAsync("Devices");
        await browser.SeesAsync("Nothing that fits has happened.");
    }

    [Fact]
    public async Task Cancelling_is_asked_for_once_more_and_the_safe_choice_has_the_focus()
    {
        await using var gateway = await RelayGateway.StartAsync();
        await gateway.PauseAsync(gateway.Account);
        var job = await gateway.AcceptAsync("wrong recipient");
        await using var browser = await gateway.LogInAsync();
        await browser.GoAsync($"/jobs?open={job}");
        await browser.PressAsync("Cancel job");
        await Assertions.Expect(browser.Button("Keep it")).ToBeFocusedAsync();
        await browser.ShowAsync("jobs-cancel");
        await browser.PressAsync("Keep it");
        Assert.Equal(JobState.Waiting, gateway.Queue.Find(job)!.State);
        await browser.PressAsync("Cancel job");
        await browser.PressAsync("Cancel this job");
        await browser.SeesAsync("Cancelled by the administrator in Web Config (127.0.0.1); nobody gets it");
        Assert.Equal(JobState.Cancelled, gateway.Queue.Find(job)!.State);
    }

    [Fact]
    public async Task Jobs_are_filtered_searched_and_paged_without_script()
    {
        await using var gateway = await RelayGateway.StartAsync();
        await gateway.PauseAsync(gateway.Account);
        for (var i = 1; i <= 55; i++) await gateway.AcceptAsync($"Invoice {i:000}", i == 30 ? "special@contoso.example" : "anna@contoso.example");
        await using var browser = await Browser.OpenWithoutScriptAsync(gateway.Web);
        await browser.LogInAsync(RelayGateway.Password);
        await browser.OpenAsync("Job/Status", "Job Status");
        await browser.SeesAsync("In progress 55");
        await browser.SeesNotAsync("Invoice 001");
        await browser.FollowAsync("Older jobs");
        await browser.SeesAsync("Invoice 001");
        await browser.Field("Search jobs").FillAsync("special@");
        await browser.PressAsync("Search");
        await browser.SeesAsync("Invoice 030");
        await browser.SeesNotAsync("Invoice 031");
        await browser.Field("Search jobs").FillAsync("copier 2nd");
        await browser.PressAsync("Search");
        await browser.SeesAsync("Invoice 055");
        await browser.Field("Search jobs").FillAsync("<script>");
        await browser.PressAsync("Search");
        await browser.SeesAsync("No job holds “<script>”.");
        await browser.FollowAsync("Show all jobs");
        await browser.SeesAsync("Invoice 055");
    }

    [Fact]
    public async Task The_list_is_live_and_the_readers_place_and_focus_stay()
    {
        await using var gateway = await RelayGateway.StartAsync();
        await gateway.PauseAsync(gateway.Account);
        for (var i = 1; i <= 40; i++) await gateway.AcceptAsync($"Scan {i:00}");
        await using var browser = await gateway.LogInAsync();
        await browser.GoAsync("/jobs");
        await browser.Link("Scan 10").ScrollIntoViewIfNeededAsync();
        await browser.Link("Scan 10").FocusAsync();
        var before = (await browser.Link("Scan 10").BoundingBoxAsync())!.Y;
        await gateway.AcceptAsync("Scan 41");
        await browser.SeesAsync("Scan 41");
        await Assertions.Expect(browser.Link("Scan 10")).ToBeFocusedAsync();
        Assert.Equal(before, (await browser.Link("Scan 10").BoundingBoxAsync())!.Y, 2.0);
    }

    [Fact]
    public async Task Held_jobs_are_released_after_their_number_and_age_were_shown()
    {
        await using var gateway = await RelayGateway.StartAsync();
        gateway.Unplug();
        var job = await gateway.AcceptAsync("Friday's scan");
        await gateway.StateAsync(job, JobState.Held);
        await gateway.PauseAsync(gateway.Account);
        gateway.Time.Advance(TimeSpan.FromDays(3));
        await using var browser = await gateway.LogInAsync();
        await browser.GoAsync("/jobs?state=held");
        await browser.SeesAsync("1 job is held, for more than 24 hours. It was received on 24 November 2026 at 09:30, 3 days ago.");
        await browser.ShowAsync("jobs-held");
        gateway.PlugIn();
        await gateway.Part<AccountRegister>().SaveAsync(gateway.Account with { IsPaused = true });
        await browser.PressAsync("Release it");
        await LabGateway.EventuallyAsync(() => gateway.Queue.HistoryOf(job).Any(step => step.Kind == JobEventKind.Released && step.Who.Contains("Web Config", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_mail_from_outside_puts_nothing_into_the_page()
    {
        await using var gateway = await RelayGateway.StartAsync();
        await gateway.PauseAsync(gateway.Account);
        var job = await gateway.AcceptAsync("<img src=x onerror=document.title='canary'> " + new string('W', 300));
        await using var browser = await gateway.LogInAsync();
        await browser.GoAsync($"/jobs?open={job}");
        await browser.SeesAsync("<img src=x onerror=document.title='canary'>");
        Assert.NotEqual("canary", await browser.Page.TitleAsync());
        await browser.ShowAsync("jobs-long");
        foreach (var width in (int[])[1280, 390])
        {
            await browser.Page.SetViewportSizeAsync(width, 844);
            Assert.Equal(width, await browser.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        }
    }

    [Fact]
    public async Task A_mail_is_downloaded_where_the_setting_allows_it()
    {
        await using var gateway = await RelayGateway.StartAsync();
        await gateway.PauseAsync(gateway.Account);
        var job = await gateway.AcceptAsync("keep a copy");
        await using var browser = await gateway.LogInAsync();
        await browser.GoAsync($"/jobs?open={job}");
        await Assertions.Expect(browser.Button("Download the mail")).ToHaveCountAsync(0);
        await gateway.Part<SettingsStore>().SaveAsync(new Dictionary<string, string> { ["jobs.download"] = "on" });
        await browser.GoAsync($"/jobs?open={job}");
        var download = await browser.Page.RunAndWaitForDownloadAsync(() => browser.PressAsync("Download the mail"));
        Assert.Equal($"job-{job}.eml", download.SuggestedFilename);
        await browser.GoAsync($"/jobs?open={job}");
        await browser.SeesAsync("Downloaded by the administrator in Web Config (127.0.0.1)");
    }

    private static async Task LooksAsync(Browser browser, string subject, params string[] words)
    {
        await browser.OpenAsync("Job/Status", "Job Status");
        await browser.SeesAsync("Held 1");
        await browser.FollowAsync(subject);
        foreach (var word in words) await browser.SeesAsync(word);
        foreach (var word in (string[])["Cause", "Remedy", "Goes out by itself when the cause is gone"]) await browser.SeesAsync(word);
    }

    private static async Task SentAsync(LabGateway gateway, Browser browser, string subject, int count)
    {
        await LabGateway.EventuallyAsync(() => gateway.Lab.Mailboxes["anna@contoso.example"].Count == count);
        await LabGateway.EventuallyAsync(() => gateway.Services.GetRequiredService<MailQueue>().List(new JobFilter(JobState.Sent)).Any(job => job.Traits.Subject == subject));
        await browser.SeesAsync("Held 0");
        await browser.SeesAsync("Released: the account works again");
    }
}
