using DeviceMail.Lab.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DeviceMail.Lab.Switches;

/// <summary>The page of switches, made from the table.</summary>
public sealed class SwitchPages(LabSwitches switches)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/switches", IResult (HttpContext c) => Show(c, []));
        routes.MapPost("/switches", async Task<IResult> (HttpContext c) => Save(c, await c.Request.ReadFormAsync(c.RequestAborted)));
        routes.MapPost("/switches/reset", IResult () =>
        {
            switches.Reset();
            return Results.Redirect("/switches");
        });
    }

    private IResult Save(HttpContext c, IFormCollection form)
    {
        var refused = new List<string>();
        foreach (var row in SwitchTable.Rows)
        {
            // An unticked box is missing from the form; "shown" says that the row was on the page.
            if (form[$"shown-{row.Name}"].Count == 0)
                continue;
            var value = form[row.Name].ToString();
            if (value != row.Read(switches) && !row.Write(switches, value))
                refused.Add(row.Title);
        }

        return refused.Count == 0 ? Results.Redirect("/switches") : Show(c, refused);
    }

    private IResult Show(HttpContext c, List<string> refused)
    {
        var healthy = new LabSwitches();
        var notice = refused.Count == 0 ? Html.Nothing
            : Html.Of($"""<p class="notice" role="alert">Not understood and left as before: {string.Join("; ", refused)}.</p>""");
        var groups = Html.Each(SwitchTable.Rows.GroupBy(row => row.Group), group => Html.Of($"""
            <fieldset><legend>{group.Key}</legend>{Html.Each(group, row => Row(row, healthy))}</fieldset>
            """));
        return Page.Show(c, "Switches", Html.Of($"""
            <p>What is turned away from the healthy service is shown in bold.</p>
            {notice}
            <form method="post" action="/switches">{groups}<div class="actions"><button class="primary">Save the switches</button></div></form>
            <form method="post" action="/switches/reset"><button>Back to the healthy service</button></form>
            """));
    }

    private Html Row(LabSwitch row, LabSwitches healthy)
    {
        var value = row.Read(switches);
        var changed = value == row.Read(healthy) ? "field" : "field changed";
        return Html.Of($"""
            <div class="{changed}"><label for="{row.Name}">{row.Title}</label>
            <span><input type="hidden" name="shown-{row.Name}" value="1">{Control(row, value)}</span>
            <small class="hint" id="hint-{row.Name}">{row.Explanation}</small></div>
            """);
    }

    private static Html Control(LabSwitch row, string value)
    {
        var named = Html.Of($"""id="{row.Name}" name="{row.Name}" aria-describedby="hint-{row.Name}" """);
        return row.Kind switch
        {
            SwitchKind.OnOff => Html.Of($"""<input type="checkbox" {named}{Flag(value == "on" ? "checked" : "")}>"""),
            SwitchKind.Choice => Html.Of($"""<select {named}>{Html.Each(row.Choices, choice => Option(choice, value))}</select>"""),
            SwitchKind.Text => Html.Of($"""<input {named}value="{value}" autocomplete="off">"""),
            _ => Html.Of($"""<input {named}value="{value}" inputmode="numeric" autocomplete="off">"""),
        };
    }

    private static Html Option(string choice, string value) =>
        Html.Of($"""<option value="{choice}" {Flag(choice == value ? "selected" : "")}>{choice}</option>""");

    private static Html Flag(string attribute) => new(attribute);
}
