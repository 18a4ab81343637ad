using System.Reflection;
using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Lab.Entra;
using DeviceMail.Queue;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Activity;

/// <summary>What follows from a refusal of the sign-in service: the error word decides, the number advises.</summary>
public sealed class SignInRefusalTests
{
    [Theory]
    [InlineData("invalid_grant", 700082, 361)]
    [InlineData("invalid_grant", 70008, 361)]
    [InlineData("invalid_grant", 70043, 361)]
    [InlineData("interaction_required", 50078, 361)]
    [InlineData("invalid_grant", 50173, 370)]
    [InlineData("invalid_grant", 53003, 370)]
    [InlineData("invalid_grant", 530036, 370)]
    [InlineData("invalid_grant", 65001, 370)]
    [InlineData("invalid_grant", 70000, 370)]
    [InlineData("interaction_required", 50076, 370)]
    [InlineData("invalid_grant", 50020, 370)]
    [InlineData("invalid_client", 7000218, 370)]
    [InlineData("temporarily_unavailable", 90033, 360)]
    public void G6_4_a_number_leads_to_the_guides_code(string error, int number, int code) =>
        Assert.Equal(code, EntraErrors.Explain(error, [number], null).Code);

    [Theory]
    [InlineData("invalid_grant", 530036, null, "blocked-by-policy")]
    [InlineData("invalid_grant", 50105, null, "not-assigned")]
    [InlineData("invalid_grant", 0, null, "sign-in-again")]
    [InlineData("invalid_grant", 0, "consent_required", "consent-missing")]
    [InlineData("invalid_grant", 0, "token_expired", "expired")]
    [InlineData("invalid_grant", 0, "a_word_of_tomorrow", "sign-in-again")]
    [InlineData("consent_required", 0, null, "consent-missing")]
    [InlineData("interaction_required", 0, null, "blocked-by-policy")]
    [InlineData("invalid_client", 0, null, "set-up-fault")]
    [InlineData("a_word_of_tomorrow", 0, null, "sign-in-refused")]
    [InlineData("a_word_of_tomorrow", 50173, null, "sign-in-refused")]
    [InlineData("a_word_of_tomorrow", 53003, null, "blocked-by-policy")]
    public void The_best_advice_is_the_numbers_then_the_second_words_then_the_errors(string error, int number, string? subError, string key) =>
        Assert.Equal(key, EntraErrors.Explain(error, number == 0 ? null : [number], null, subError).Key);

    [Fact]
    public void A_number_is_found_in_the_sentence_where_no_list_is_given() =>
        Assert.Equal("The sign-in was revoked", EntraErrors.Explain("invalid_grant", null, "AADSTS50173: The provided grant has expired.\r\nTrace ID: 1").Title);

    [Fact]
    public void Only_an_error_that_says_so_ends_a_sign_in_whatever_the_number_is()
    {
        string[] ambiguous = [.. Catalogue.Entries.OfType<ErrorEntry>().Where(entry => entry.Effect != SignInEffect.Ends).Select(entry => entry.Word), "a_word_of_tomorrow", ""];
        foreach (var error in ambiguous)
            foreach (var number in Catalogue.Entries.OfType<EntraEntry>().Select(entry => entry.Number).Append(123456789))
                Assert.True(EntraErrors.Explain(error, [number], null) is { MayPass: true } or { Code: 360 }, $"{error} {number}");
        Assert.All(["temporarily_unavailable", "server_error", "slow_down", "authorization_pending"], error => Assert.True(EntraErrors.IsTemporary(error)));
        Assert.All(["invalid_grant", "access_denied", "a_word_of_tomorrow"], error => Assert.False(EntraErrors.IsTemporary(error)));
    }

    [Fact]
    public void Every_refusal_the_pretend_service_can_give_is_explained_in_our_own_words()
    {
        List<EntraRefusal> refusals =
        [
            .. typeof(EntraRefusal).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => field.GetValue(null)).OfType<EntraRefusal>(),
            EntraRefusal.UnknownTenant("nowhere"), EntraRefusal.UnknownClient("nobody"), EntraRefusal.MissingParameter("scope"), EntraRefusal.UnknownGrantType("other"),
            EntraRefusal.Other(50076), EntraRefusal.Other(50079), EntraRefusal.Other(530033), EntraRefusal.Other(50105),
        ];
        Assert.True(refusals.Count > 25);
        foreach (var refusal in refusals)
        {
            Assert.NotNull(Catalogue.OfError(refusal.Error));
            var entry = Catalogue.OfNumber(refusal.Number);
            Assert.True(entry is { HasOwnWords: true } or { Problem.Key: "not-assigned" }, $"{refusal.Number}");
            Assert.DoesNotContain(entry.Problem.Cause, refusal.Text, StringComparison.OrdinalIgnoreCase);
            Assert.Equal(entry.Problem.Title, Problems.Find(entry.Problem.Key, $"AADSTS{refusal.Number}: {refusal.Text}")?.Title);
        }
    }

    [Fact]
    public async Task What_may_pass_is_asked_again_and_the_mail_goes_out_without_a_new_sign_in()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.SignInAsync();
        gateway.Lab.Switches.RefuseRefreshWith = 50105;
        gateway.Lab.Switches.AccessTokensExpired = true;
        await gateway.HandInAsync("not assigned", "anna@contoso.example");
        await LabGateway.EventuallyAsync(() => gateway.Queue.List(new JobFilter(JobState.Held)).Any(job => job.Problem == "not-assigned"));
        gateway.Lab.Switches.RefuseRefreshWith = 0;
        gateway.Lab.Switches.AccessTokensExpired = false;
        await gateway.Queue.TryNowAsync(1);
        await gateway.ArrivesAsync("anna@contoso.example");
    }

    [Fact]
    public async Task G6_1_the_words_of_the_number_stand_where_the_account_stands_after_a_restart_too()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.SignInAsync();
        gateway.Lab.Switches.RefuseRefreshWith = 530033;
        gateway.Lab.Switches.AccessTokensExpired = true;
        await gateway.HandInAsync("policy", "anna@contoso.example");
        await LabGateway.EventuallyAsync(() => gateway.Status.StandsInTheWay(gateway.Account.Id)?.Code == 370);
        await gateway.RestartAsync();
        var problem = gateway.Status.StandsInTheWay(gateway.Account.Id);
        Assert.Equal(("blocked-by-policy", "A policy wants a managed device"), (problem?.Key, problem?.Title));
    }
}
