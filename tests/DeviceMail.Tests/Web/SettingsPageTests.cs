using System.Net;
using System.Text;
using DeviceMail.Settings;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Web;

/// <summary>The page that is made from the catalogue of settings.</summary>
public sealed class SettingsPageTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_setting_stands_on_the_page_with_its_range()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = await gateway.LogInAsync();
        var page = WebUtility.HtmlDecode(await visitor.ReadAsync("/settings"));
        Assert.All(SettingsCatalogue.All, setting =>
        {
            Assert.Contains($"name=\"{setting.Name}\"", page, StringComparison.Ordinal);
            Assert.Contains(setting.Range, page, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_value_out_of_range_saves_nothing_and_says_what_it_must_be()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = await gateway.LogInAsync();
        using var answer = await visitor.PostAsync("/settings", ("was:queue.keep-history", "90d"), ("queue.keep-history", "30d"), ("was:receiving.max-recipients", "1000"), ("receiving.max-recipients", "7"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains("must be a whole number from 100 to 1000", await TextAsync(answer), StringComparison.Ordinal);
        Assert.Equal("90d", gateway.Part<SettingsStore>().Current.Text(SettingsCatalogue.KeepHistory));
    }

    [Fact]
    public async Task What_somebody_else_changed_meanwhile_is_not_overwritten_and_both_values_are_shown()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = await gateway.LogInAsync();
        await gateway.Part<SettingsStore>().SaveAsync(new Dictionary<string, string> { ["queue.keep-history"] = "60d" });
        using var answer = await visitor.PostAsync("/settings", ("was:queue.keep-history", "90d"), ("queue.keep-history", "30d"));
        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Matches("Saved meanwhile: <strong>60d</strong>.*You typed: <strong>30d</strong>", await TextAsync(answer));
        Assert.Equal("60d", gateway.Part<SettingsStore>().Current.Text(SettingsCatalogue.KeepHistory));
        using var decided = await visitor.PostAsync("/settings", ("was:queue.keep-history", "60d"), ("queue.keep-history", "30d"));
        Assert.Equal("30d", gateway.Part<SettingsStore>().Current.Text(SettingsCatalogue.KeepHistory));
    }

    [Fact]
    public async Task Two_people_who_change_different_settings_do_not_disturb_each_other()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = await gateway.LogInAsync();
        await gateway.Part<SettingsStore>().SaveAsync(new Dictionary<string, string> { ["queue.keep-failed"] = "7d" });
        using var answer = await visitor.PostAsync("/settings", ("was:queue.keep-failed", "14d"), ("queue.keep-failed", "14d"), ("was:queue.keep-history", "90d"), ("queue.keep-history", "30d"));
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal(("7d", "30d"), (gateway.Part<SettingsStore>().Current.Text(SettingsCatalogue.KeepFailed), gateway.Part<SettingsStore>().Current.Text(SettingsCatalogue.KeepHistory)));
    }

    [Fact]
    public async Task An_export_comes_back_by_import_after_the_administrator_has_seen_it()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = await gateway.LogInAsync();
        await gateway.Part<SettingsStore>().SaveAsync(new Dictionary<string, string> { ["queue.keep-history"] = "60d" });
        using var export = await visitor.PostAsync("/settings/export");
        Assert.Equal("attachment", export.Content.Headers.ContentDisposition?.DispositionType);
        var file = await export.Content.ReadAsByteArrayAsync(Cancel);
        await gateway.Part<SettingsStore>().SaveAsync(new Dictionary<string, string> { ["queue.keep-history"] = "90d" });
        using var looked = await ImportAsync(visitor, file);
        Assert.Contains("The file changes 1 setting.", await TextAsync(looked), StringComparison.Ordinal);
        Assert.Equal("90d", gateway.Part<SettingsStore>().Current.Text(SettingsCatalogue.KeepHistory));
    }

    [Theory]
    [InlineData("not json", "holds no settings")]
    [InlineData("{}", "holds no settings")]
    [InlineData("""{"settings":{"no.such":"1"}}""", "no setting of this version")]
    [InlineData("""{"settings":{"queue.keep-history":"<script>alert(1)</script>"}}""", "&lt;script&gt;alert(1)&lt;/script&gt;")]
    public async Task A_file_that_is_none_is_refused_with_a_sentence(string text, string words)
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = await gateway.LogInAsync();
        using var answer = await ImportAsync(visitor, Encoding.UTF8.GetBytes(text));
        Assert.Contains(words, await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> ImportAsync(WebVisitor visitor, byte[] file)
    {
        using var form = new MultipartFormDataContent { { new StringContent(await visitor.TokenAsync()), "form-token" }, { new ByteArrayContent(file), "file", "settings.json" } };
        return await visitor.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/settings/import") { Content = form });
    }

    private static async Task<string> TextAsync(HttpResponseMessage answer) => WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Cancel));
}
