using DeviceMail.Doctor;
using DeviceMail.Lab.Directory;
using DeviceMail.Tests.Kit;
using static DeviceMail.Tests.Doctor.TenantTests;

namespace DeviceMail.Tests.Doctor;

/// <summary>The set-up while others work on the same organisation, and while the directory is late or busy.</summary>
public sealed class TenantMeanwhileTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_somebody_else_made_meanwhile_is_used()
    {
        await using var gateway = await EmptyAsync();
        var visit = await PreviewAsync(gateway, Request(gateway));
        var theirs = gateway.Lab.Directory.Make(new ApplicationBody { DisplayName = "DeviceMail" });
        gateway.Lab.Directory.MakePrincipal(theirs.AppId);

        visit.Yes();
        await OverAsync(visit);

        Assert.Equal((TenantStage.Done, theirs.AppId), (visit.Facts.Stage, visit.Facts.ClientId));
        Assert.Single(gateway.Lab.Directory.Applications);
    }

    [Fact]
    public async Task A_grant_that_comes_in_between_is_added_to()
    {
        await using var gateway = await EmptyAsync();
        var graph = await GraphAsync(gateway, TimeProvider.System);
        var application = gateway.Lab.Directory.Make(new ApplicationBody { DisplayName = "DeviceMail" });
        gateway.Lab.Directory.MakePrincipal(application.AppId);
        var (state, _) = await TenantLook.AtAsync(graph, Request(gateway), Cancel);
        // After the look, and before the grant: the answer to the second of its kind is 409.
        gateway.Lab.Directory.Grant(new GrantBody { ClientId = state!.Principal!.Id, ConsentType = LabGrant.ForOne, PrincipalId = state.User.Id, ResourceId = state.Graph.Id, Scope = "User.Read" });

        Assert.IsType<TenantStepEnd.Done>(await TenantSteps.All.Single(step => step.Key == "mail-send").ApplyAsync(graph, state, Cancel));

        Assert.Equal("User.Read Mail.Send offline_access openid profile email", Assert.Single(gateway.Lab.Directory.Grants).Scope);
    }

    [Fact]
    public async Task What_was_removed_after_the_preview_is_not_made_without_another_look()
    {
        await using var gateway = await EmptyAsync();
        var application = gateway.Lab.Directory.Make(new ApplicationBody { DisplayName = "DeviceMail", IsFallbackPublicClient = true });
        var first = await SetUpAsync(gateway, Request(gateway) with { Reach = ConsentReach.Organisation });
        var shown = await PreviewAsync(gateway, Request(gateway) with { Reach = ConsentReach.Organisation, Redirect = "https://gateway.contoso.example/back" });
        Assert.Equal(["application"], shown.Facts.Steps.Where(step => step.Would.Length > 0).Select(step => step.Key));
        foreach (var grant in gateway.Lab.Directory.Grants) gateway.Lab.Directory.ChangeGrant(grant.Id, "");
        var writes = gateway.Lab.Directory.Writes;

        shown.Yes();
        await OverAsync(shown);

        Assert.Equal((first.Facts.ClientId, "The organisation has changed since it was shown, and nothing was done."), (application.AppId, shown.Facts.Obstacle?.Sentence));
        Assert.Equal(writes, gateway.Lab.Directory.Writes);
    }

    [Fact]
    public async Task New_objects_that_are_not_seen_at_once_are_waited_for()
    {
        await using var gateway = await EmptyAsync();
        gateway.Lab.Switches.DirectoryLate = 1;

        Assert.Equal(TenantStage.Done, (await SetUpAsync(gateway, Request(gateway))).Facts.Stage);
        Assert.Equal(4, gateway.Lab.Directory.Writes);
    }

    [Fact]
    public async Task Too_many_requests_are_waited_for_and_told_when_it_lasts()
    {
        await using var gateway = await EmptyAsync();
        var time = new SteppedTime();
        var graph = await GraphAsync(gateway, time);
        gateway.Lab.Switches.DirectoryThrottled = 2;
        var brief = graph.ListAsync("identity/conditionalAccess/policies", GraphJson.Default.GraphPageGraphPolicy, Cancel);
        await time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => brief.IsCompleted);
        Assert.NotNull((await brief).All);

        gateway.Lab.Switches.DirectoryThrottled = 1_000;
        var lasting = graph.ListAsync("identity/conditionalAccess/policies", GraphJson.Default.GraphPageGraphPolicy, Cancel);
        await time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => lasting.IsCompleted);
        Assert.Equal("Microsoft Graph takes no more requests for the moment.", (await lasting).Obstacle?.Sentence);
    }
}
