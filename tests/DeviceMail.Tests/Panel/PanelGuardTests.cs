using System.Net;
using DeviceMail.Activity;
using DeviceMail.EmailServer;
using DeviceMail.Messages;
using DeviceMail.Panel;
using DeviceMail.Tests.Kit;
using DeviceMail.Web;

namespace DeviceMail.Tests.Panel;

public sealed class PanelGuardTests
{
    [Fact]
    public async Task Every_page_of_the_panel_leads_an_unpaired_browser_to_the_pairing_code()
    {
        await using var host = await PanelHost.StartAsync();
        using var stranger = host.Open();

        foreach (var page in PanelMenu.Lists.SelectMany(list => list.Items.Prepend(list)).Select(item => item.Address)
            .Concat([PanelMenu.Home, $"{PanelMenu.JobStatus.Address}/1", PrintSheetPage.FileAddress, AdministratorPage.Address]).Distinct())
        {
            Assert.Equal((HttpStatusCode.SeeOther, PairPage.Address), await stranger.StatusAsync(page));
            Assert.Equal(HttpStatusCode.Unauthorized, await stranger.AskLiveAsync(page));
        }
    }

    [Fact]
    public async Task Who_signs_in_at_a_panel_and_out_again_stands_in_the_audit_log()
    {
        await using var host = await PanelHost.StartAsync();
        using var client = await host.PairAsync("Copier");
        await client.SignInAsync("not it at all");
        await client.SignInAsync(LabGateway.Password);
        await client.PostAsync(AdministratorPage.LogOutAddress, (PageGuard.TokenField, await client.TokenAsync(PanelMenu.Home)));
        var deeds = host.Part<AuditLog>().List(null, 3).Select(entry => entry.Deed);
        Assert.Equal([new Deed("Signed out at the panel", "Copier"), new Deed("Signed in at the panel", "Copier"), new Deed("Could not sign in at the panel: wrong password", "Copier")], deeds);
    }

    [Fact]
    public async Task The_cookie_is_for_this_host_and_no_script_and_only_its_hash_is_kept()
    {
        await using var host = await PanelHost.StartAsync();
        using var client = host.Open();
        Assert.IsType<PairOutcome.Paired>(await host.Part<PairingDesk>().PairAsync(await client.CodeAsync(), "Copier"));

        using var answer = await client.GetAsync(PairPage.Address);

        var cookie = answer.Headers.GetValues("Set-Cookie").Single(one => one.StartsWith("__Host-devicemail-panel=", StringComparison.Ordinal));
        foreach (var part in (string[])["path=/", "secure", "httponly", "samesite=strict", "max-age=34560000"]) Assert.Contains($"; {part}", cookie, StringComparison.Ordinal);
        var key = cookie.Split('=', ';')[1];
        Assert.Equal(43, key.Length);
        var row = host.Database.Read(session => session.First("SELECT id || name || key_hash || paired_at || ifnull(client, '') FROM panel", one => one.Text(0)))!;
        Assert.DoesNotContain(key, row, StringComparison.Ordinal);
        Assert.Contains(PanelCookie.HashOf(key), row, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_code_works_once_and_for_a_quarter_of_an_hour()
    {
        await using var host = await PanelHost.StartAsync();
        var desk = host.Part<PairingDesk>();
        using var first = host.Open();
        using var second = host.Open();
        var code = await first.CodeAsync();
        Assert.Equal(code, await first.CodeAsync());
        Assert.IsType<PairOutcome.Paired>(await desk.PairAsync(code, "First"));
        Assert.Equal("code", Assert.IsType<PairOutcome.Refused>(await desk.PairAsync(code, "Again")).Field);

        var late = await second.CodeAsync();
        host.Time.Advance(PairingDesk.Life);
        Assert.Equal("code", Assert.IsType<PairOutcome.Refused>(await desk.PairAsync(late, "Late")).Field);
        Assert.NotEqual(late, await second.CodeAsync());
        Assert.Equal("First", Assert.Single(host.Part<PanelRegister>().All).Name);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_refused_and_the_code_stays_good()
    {
        await using var host = await PanelHost.StartAsync();
        using var paired = await host.PairAsync("Copier");
        using var other = host.Open();
        var (desk, code) = (host.Part<PairingDesk>(), await other.CodeAsync());

        var refused = Assert.IsType<PairOutcome.Refused>(await desk.PairAsync(code, "COPIER"));

        Assert.Equal("name", refused.Field);
        Assert.Contains("Choose another name", refused.Sentence, StringComparison.Ordinal);
        Assert.IsType<PairOutcome.Refused>(await desk.PairAsync(code, "a\nb"));
        Assert.IsType<PairOutcome.Paired>(await desk.PairAsync(code, "Copier 2"));
    }

    [Fact]
    public async Task Browsers_that_ask_in_crowds_do_not_push_out_others_addresses_nor_fill_the_memory()
    {
        await using var host = await PanelHost.StartAsync();
        var clients = Enumerable.Range(0, 7).Select(_ => host.Open()).ToList();
        var codes = new List<string>();
        foreach (var client in clients) codes.Add(await client.CodeAsync());

        Assert.IsType<PairOutcome.Refused>(await host.Part<PairingDesk>().PairAsync(codes[1], "Oldest"));
        Assert.IsType<PairOutcome.Paired>(await host.Part<PairingDesk>().PairAsync(codes[2], "Fifth last"));
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task G3_1_the_administrators_sign_in_ends_after_two_minutes_without_a_touch()
    {
        await using var host = await PanelHost.StartAsync();
        using var panel = await host.PairAsync("Copier");
        var page = PanelMenu.EmailServerStatus.Address;
        Assert.Equal((HttpStatusCode.SeeOther, $"/panel/administrator?next={Uri.EscapeDataString(page)}"), await panel.StatusAsync(page));
        var answer = await panel.SignInAsync(LabGateway.Password, page);
        Assert.Equal((HttpStatusCode.SeeOther, page), (answer.Status, answer.To));

        host.Time.Advance(PanelSignIns.Idle - TimeSpan.FromSeconds(1));
        Assert.Equal((HttpStatusCode.OK, null), await panel.StatusAsync(page));
        host.Time.Advance(PanelSignIns.Idle - TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, await panel.AskLiveAsync(page));
        host.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(HttpStatusCode.Unauthorized, await panel.AskLiveAsync(page));
        Assert.Equal(HttpStatusCode.SeeOther, (await panel.StatusAsync(page)).Status);
        Assert.Contains("signed in at the control panel Copier", Assert.Single(host.Part<ActivityLog>().Latest(1)).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sign_in_counts_at_its_panel_only_and_ends_with_the_password_and_the_pairing()
    {
        await using var host = await PanelHost.StartAsync();
        using var panel = await host.PairAsync("Copier");
        using var other = await host.PairAsync("Lobby");
        var page = PanelMenu.EmailServerStatus.Address;
        await panel.SignInAsync(LabGateway.Password);
        Assert.Equal(HttpStatusCode.OK, (await panel.StatusAsync(page)).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await other.StatusAsync(page)).Status);
        Assert.Equal((HttpStatusCode.SeeOther, "/login"), await panel.StatusAsync("/"));
        Assert.Equal((HttpStatusCode.SeeOther, "/login?next=%2Fpanels"), await panel.StatusAsync("/panels"));

        await host.Part<Administrator>().SetAsync(MailAddress.Parse("admin@contoso.example"), "another long password");
        Assert.Equal(HttpStatusCode.SeeOther, (await panel.StatusAsync(page)).Status);

        await host.Part<PanelRegister>().RemoveAsync(host.Part<PanelRegister>().All.Single(one => one.Name == "Copier"));
        Assert.Equal((HttpStatusCode.SeeOther, PairPage.Address), await panel.StatusAsync(PanelMenu.Home));
        Assert.Equal(HttpStatusCode.OK, (await other.StatusAsync(PanelMenu.Home)).Status);
    }

    [Fact]
    public async Task Guessing_at_a_panel_is_slowed_down_and_a_sign_in_leads_nowhere_but_to_the_panel()
    {
        await using var host = await PanelHost.StartAsync();
        using var panel = await host.PairAsync("Copier");
        foreach (var next in (string[])["https://elsewhere.example/", "//elsewhere.example", "/devices", "/panels", "/panel\\..", "/panelling"])
        {
            Assert.Equal("/panel", (await panel.SignInAsync(LabGateway.Password, next)).To);
            await panel.PostAsync(AdministratorPage.LogOutAddress, (PageGuard.TokenField, await panel.TokenAsync(PanelMenu.Home)));
        }
        for (var guess = 0; guess < 3; guess++) Assert.Equal(HttpStatusCode.UnprocessableEntity, (await panel.SignInAsync($"guess {guess}")).Status);

        var (status, _, page) = await panel.SignInAsync(LabGateway.Password);

        Assert.Equal(HttpStatusCode.TooManyRequests, status);
        Assert.Contains("After several wrong passwords, wait 1 seconds", page, StringComparison.Ordinal);
        host.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(HttpStatusCode.SeeOther, (await panel.SignInAsync(LabGateway.Password)).Status);
    }

    [Fact]
    public async Task A_form_without_the_panels_own_token_does_nothing()
    {
        await using var host = await PanelHost.StartAsync();
        using var panel = await host.PairAsync("Copier");
        using var other = await host.PairAsync("Lobby");
        var foreign = await other.TokenAsync(AdministratorPage.Address);

        foreach (var token in (string[])["", foreign])
        {
            var answer = await panel.PostAsync(AdministratorPage.Address, (PageGuard.TokenField, token), ("password", LabGateway.Password));
            Assert.Equal(HttpStatusCode.Forbidden, answer.Status);
        }
        Assert.Equal(HttpStatusCode.SeeOther, (await panel.StatusAsync(PanelMenu.EmailServerStatus.Address)).Status);
    }

    [Fact]
    public async Task A_visit_without_the_cookie_takes_no_pairing_away()
    {
        await using var host = await PanelHost.StartAsync();
        using var panel = await host.PairAsync("Copier");
        using var crossSite = host.Open();

        using var answer = await crossSite.GetAsync(PairPage.Address);

        Assert.All(answer.Headers.GetValues("Set-Cookie"), cookie => Assert.StartsWith("__Host-devicemail-pairing=", cookie, StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, (await panel.StatusAsync(PanelMenu.Home)).Status);
    }

    [Fact]
    public async Task What_people_type_is_text_on_every_page()
    {
        await using var host = await PanelHost.StartAsync();
        using var panel = await host.PairAsync("<script>canary</script>\"'");

        var home = await panel.PageAsync(PanelMenu.Home);
        var locked = await panel.PageAsync($"{AdministratorPage.Address}?next=/panel/\"><script>canary</script>");

        Assert.DoesNotContain("<script>canary", home, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>canary", locked, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;canary", home, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(20, null)]
    [InlineData(6, "The sign-in for sending mail ends in 6 days. Please tell your administrator.")]
    [InlineData(1, "The sign-in for sending mail ends in 1 day. Please tell your administrator.")]
    [InlineData(0, "The sign-in for sending mail ends within a day. Please tell your administrator.")]
    public void The_end_of_a_sign_in_is_told_two_weeks_ahead(int days, string? sentence)
    {
        var now = new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);

        Assert.Equal(sentence, PanelAlert.Of(StatusWith(Line(null) with { PredictedEnd = now.AddDays(days).AddHours(1) }), now)?.Sentence);
    }

    [Fact]
    public void Every_problem_of_an_account_has_an_alert_that_says_whom_to_ask()
    {
        foreach (var problem in Catalogue.Problems.Where(one => one.Scope == ProblemScope.Account))
        {
            var alert = PanelAlert.Of(StatusWith(Line(ProblemLine.Of(problem, "secret words of the server", ""))), default)!;
            Assert.Contains("administrator", alert.Sentence, StringComparison.Ordinal);
            Assert.DoesNotContain("secret words", alert.Sentence, StringComparison.Ordinal);
            Assert.DoesNotContain("`", alert.Sentence, StringComparison.Ordinal);
            if (problem.Code is { } code && problem.Key is not ("not-signed-in" or "not-saved")) Assert.Contains($"(code {code})", alert.Sentence, StringComparison.Ordinal);
        }
        Assert.Equal(PanelAlert.NoSignIn, PanelAlert.Of(StatusWith(), default)!.Sentence);
    }

    private static AccountLine Line(ProblemLine? problem) => new(1, "scan@contoso.example", "Custom") { Mark = "ok", Status = "Signed in", InLine = 0, Held = 0, Problem = problem };

    private static GatewayStatus StatusWith(params AccountLine[] accounts) => new()
    {
        Gateway = "gateway", Version = "1", IsClaimed = true, Accounts = accounts, Jobs = new JobFigures(0, 0, 0, 0), DevicesAllowed = 0, DevicesWaiting = 0,
    };
}
